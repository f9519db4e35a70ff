/** How control, and whoever watches the service, are answered. */
import type { FastifyReply } from 'fastify';
import type { JsonObject } from '#shared/json.ts';

/** Sends JSON that nobody may keep: all of it changes from call to call. */
export function sendJson(reply: FastifyReply, status: number, body: JsonObject): FastifyReply {
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(body));
}
