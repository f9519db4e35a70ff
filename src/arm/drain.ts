/** How the server lets its clients go before it closes. Called by `server.ts`. */
import type { Server, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

/** How long clients that are in the middle of something have to hear that their connection ends, wall. */
const GRACE_MS = 300;

/**
 * Tells clients with every answer from now on that its connection ends (`Connection: close`), and waits a moment, so that those that
 * send one request after the other have heard it. A connection that is cut instead may be cut under a request that is on its way.
 */
export async function letClientsGo(server: Server): Promise<void> {
  server.prependListener('request', (_request, response: ServerResponse) => {
    response.shouldKeepAlive = false;
  });
  const countConnections = promisify(server.getConnections.bind(server));
  if ((await countConnections()) > 0) await wait(GRACE_MS);
}
