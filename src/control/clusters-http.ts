/** The routes of what the device's own PowerShell does about its cluster. Mounted by `doors.ts` beside those of `http.ts`. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type {} from '@fastify/swagger';
import type { ClusterControl } from './clusters.ts';
import { requiredParameter } from './requests.ts';

const APPLIANCES = '/_edgetwin/appliances';

const docs = (summary: string): object => ({ schema: { tags: ['Edgetwin'], summary } });

/** `https` and the host as the caller used it: certificates of clients travel over TLS alone. */
const originOf = ({ host }: FastifyRequest): string => `https://${host}`;

export function mountClusterControl(door: FastifyInstance, control: ClusterControl): void {
  door.get(
    `${APPLIANCES}/kubeconfig`,
    docs('Makes a kubeconfig of a device’s cluster: ?resource={ARM id}&user={name}.'),
    async (request, reply) => {
      const { user } = request.query as { user?: string };
      const resource = requiredParameter(request.query, 'resource');
      const text = await control.kubeconfig(resource, { user, origin: originOf(request) });
      return reply
        .header('cache-control', 'no-store')
        .header('content-type', 'application/yaml; charset=utf-8')
        .send(text);
    },
  );
}
