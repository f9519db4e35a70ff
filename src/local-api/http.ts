/** Mounts the local web interfaces of all devices, each under `/local` and its ARM id. Mounted by `doors.ts`. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { MachineHandle } from '#fleet/fleet.ts';
import type { Json } from '#shared/json.ts';
import type { LocalApi } from './local-api.ts';

/** What stands before the paths of every device. */
const LOCAL_PATH =
  '/local/subscriptions/:subscriptionId/resourceGroups/:group/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/:name';
const TOKEN = 'requestverificationtoken';

type Work = (machine: MachineHandle, body: unknown) => Promise<Json>;

export function mountLocalApi(door: FastifyInstance, api: LocalApi): void {
  const configuration = 'DeviceConfiguration';
  const routes: readonly (readonly ['GET' | 'POST', string, Work])[] = [
    ['GET', configuration, async (machine) => api.configuration(machine)],
    ['POST', configuration, async (machine, body) => api.configure(machine, body)],
    ['GET', `${configuration}/Status`, async (machine) => api.status(machine)],
    ['GET', `${configuration}/diagnostic`, async (machine) => api.diagnostics(machine)],
    ['POST', `${configuration}/diagnostic`, async (machine) => api.runDiagnostics(machine)],
    ['GET', `${configuration}/supportConsent`, async (machine) => api.consent(machine)],
    ['GET', `${configuration}/vip`, async (machine) => api.virtualIps(machine)],
    ['POST', `${configuration}/vip`, async (machine, body) => api.setVirtualIp(machine, body)],
    ['GET', `${configuration}/witness`, async (machine) => api.witness(machine)],
    ['POST', `${configuration}/witness`, async (machine, body) => api.setWitness(machine, body)],
    [
      'POST',
      `${configuration}/supportConsent`,
      async (machine, body) => api.setConsent(machine, body),
    ],
  ];
  mountSignIn(door, api);
  for (const [method, path, work] of routes) {
    door.route({
      method,
      url: `${LOCAL_PATH}/api/${path}`,
      schema: { hide: true },
      handler: async (request, reply) => {
        const machine = await api.machineOf(idOf(request));
        const { cookie, [TOKEN]: token } = request.headers;
        api.sessions.admit(
          machine.id,
          {
            ...(cookie === undefined ? {} : { cookie }),
            token: typeof token === 'string' ? token : undefined,
          },
          method === 'POST',
        );
        const answer = await work(machine, request.body);
        return reply
          .header('cache-control', 'no-store')
          .header('content-type', 'application/json; charset=utf-8')
          .send(JSON.stringify(answer));
      },
    });
  }
}

function mountSignIn(door: FastifyInstance, api: LocalApi): void {
  door.post(`${LOCAL_PATH}/api/Login`, { schema: { hide: true } }, async (request, reply) => {
    const machine = await api.machineOf(idOf(request));
    const path = `/local${machine.owner.resourceId}`;
    const { cookie, token } = await api.sessions.signIn(machine.id, request.body, path);
    return reply
      .header('cache-control', 'no-store')
      .header('set-cookie', cookie)
      .header('RequestVerificationToken', token)
      .header('content-type', 'application/json; charset=utf-8')
      .send('{}');
  });
}

function idOf({ params }: FastifyRequest): string {
  const { subscriptionId = '', group = '', name = '' } = params as Record<string, string>;
  return `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/${name}`;
}
