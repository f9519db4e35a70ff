/**
 * `node:http`. An ES import of it reads every export, and the getters of `WebSocket` and its like load Node's whole implementation of fetch
 * with that: a twentieth of a start (Node 26, lib/http.js).
 */
export const { Server, STATUS_CODES } = process.getBuiltinModule('node:http');
