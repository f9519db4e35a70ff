/** Mounts the clusters' API on the service's server, in a scope of its own that leaves requests as they are. Called by `doors.ts`. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { KubeApi } from './serve.ts';
import type { StreamLimits } from './streams.ts';

/** What stands before the paths of every cluster. */
const CLUSTERS_PATH = '/clusters';

const TICK_MS = 1000;

export async function mountKubeApi(
  server: FastifyInstance,
  api: KubeApi,
  limits: StreamLimits,
): Promise<void> {
  await server.register(async (door) => {
    // The raw request and answer are all that the API needs: bodies, errors and streams are its own.
    const take = (request: FastifyRequest, reply: FastifyReply): void => {
      reply.hijack();
      const [path = '', ...query] = request.raw.url?.split('?') ?? [];
      const [, , id = '', ...rest] = path.replace(/\/{2,}/g, '/').split('/');
      const inside = `/${rest.join('/')}${query.length === 0 ? '' : `?${query.join('?')}`}`;
      void api.serve(request.raw, reply.raw, { id: id.toLowerCase(), path: inside });
    };
    door.addHook('onRequest', (request, reply, done) => {
      take(request, reply);
      done();
    });
    server.unreadablePaths.push((request, reply) => {
      if (!/^\/+clusters\/+[^/]/i.test(request.raw.url ?? '')) return false;
      take(request, reply);
      return true;
    });
    const handler = (): void => undefined;
    for (const url of [`${CLUSTERS_PATH}/:id`, `${CLUSTERS_PATH}/:id/*`]) {
      door.route({
        method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
        url,
        schema: { hide: true },
        handler,
      });
    }
  });
  // eslint-disable-next-line no-restricted-syntax -- streams end and bookmarks come in real time, as clients measure both
  const ticking = setInterval(() => {
    limits.tick();
    void api.tidy().catch(() => undefined);
  }, TICK_MS);
  ticking.unref();
  server.addHook('preClose', (done) => {
    clearInterval(ticking);
    limits.close();
    done();
  });
}
