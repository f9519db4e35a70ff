/** The control door. No api-version, no subscription; the same envelope. Mounted by `doors.ts`. */
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type {} from '@fastify/swagger';
import type { JsonObject } from '#shared/json.ts';
import type { Control } from './control.ts';

interface ControlRoute {
  readonly method: HTTPMethods;
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly status?: number;
  carryOut(request: FastifyRequest): Promise<JsonObject>;
}

/** Mounts what only a simulator has. */
export function mountControl(door: FastifyInstance, control: Control): void {
  for (const route of [
    ...worldRoutes(control),
    ...machineRoutes(control),
    ...recordRoutes(control),
  ]) {
    door.route({
      method: route.method,
      url: `/_edgetwin${route.path}`,
      schema: {
        tags: ['Edgetwin'],
        summary: route.summary,
        ...(route.description === undefined ? {} : { description: route.description }),
      },
      handler: async (request, reply) => {
        const body = await route.carryOut(request);
        return sendJson(reply, route.status ?? 200, body);
      },
    });
  }
}

function sendJson(reply: FastifyReply, status: number, body: JsonObject): FastifyReply {
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(body));
}

/** The whole URL as the caller used it; a host that is none is left to be seen as it is in the rest. */
function urlOf({ protocol, host, url }: FastifyRequest): string {
  const origin = `${protocol}://${host}`;
  return (URL.canParse(origin) ? origin : `${protocol}://localhost`) + url;
}

/** The clock and the world as a whole. */
function worldRoutes(control: Control): ControlRoute[] {
  return [
    {
      method: 'GET',
      path: '/clock',
      summary: 'Shows the simulated clock.',
      carryOut: async () => control.clock(),
    },
    {
      method: 'PUT',
      path: '/clock',
      summary: 'Changes the simulated clock: {rate?, frozen?, now?}.',
      carryOut: async (request) => await control.setClock(request.body),
    },
    {
      method: 'POST',
      path: '/clock/advance',
      summary: 'Advances the clock, and answers once everything that fell due is done: {duration}.',
      carryOut: async (request) => await control.advance(request.body),
    },
    {
      method: 'POST',
      path: '/reset',
      summary: 'Empties the world and starts a new one.',
      carryOut: async () => await control.reset(),
    },
    {
      method: 'PUT',
      path: '/subscriptions/:id',
      summary: 'Creates a subscription, where only listed ones exist.',
      carryOut: async (request) =>
        await control.addSubscription((request.params as { id: string }).id),
    },
  ];
}

/** Single machines. */
function machineRoutes(control: Control): ControlRoute[] {
  return [
    {
      method: 'POST',
      path: '/appliances/activate',
      summary: 'Activates a machine with an activation key: {activationKey}.',
      status: 202,
      carryOut: async (request) => await control.activate(request.body, request.correlationId),
    },
    {
      method: 'GET',
      path: '/appliances/channelIntegrityKey',
      summary: "Shows a device's channel integrity key: ?resource={ARM id}.",
      carryOut: async (request) => await control.channelIntegrityKey(request.query),
    },
    {
      method: 'POST',
      path: '/orders',
      summary:
        'Orders the machine of a device at the Azure Edge Hardware Center: {resource, properties}.',
      status: 202,
      carryOut: async (request) => await control.placeOrder(request.body, request.correlationId),
    },
    {
      method: 'POST',
      path: '/orders/return',
      summary: 'Starts the return of a machine: {resource}.',
      carryOut: async (request) => await control.returnMachine(request.body, request.correlationId),
    },
    {
      method: 'POST',
      path: '/supportRequests',
      summary: 'Files a support request, as one does in the portal.',
      status: 201,
      carryOut: async (request) => await control.supportRequest(request.body),
    },
  ];
}

/** The journal, and billing. */
function recordRoutes(control: Control): ControlRoute[] {
  return [
    {
      method: 'GET',
      path: '/journal',
      summary:
        'Shows the journal, every fact with its cause: ?resource={ARM id} or ?subscription={GUID}.',
      description:
        'A page of the facts about a resource, or about everything in a subscription, in the order in which they were recorded. ' +
        'Further conditions: kind={kind}, or several with commas between them; from={date-time}, and to={date-time}, which is not ' +
        'included. A page has at most limit={1 to 1000} entries, by default 1000; nextLink leads to the next one, ' +
        'after={sequence} begins after an entry.',
      carryOut: async (request) => await control.journal(request.query, urlOf(request)),
    },
    {
      method: 'GET',
      path: '/billing/offers',
      summary: 'Shows the offers of a subscription: ?subscription={GUID}.',
      description:
        'The billing flag of each device, in the order of their ids. A page has limit={1 to 1000} devices at most, 1000 where ' +
        'nothing is said; nextLink leads to the next one, after={ARM id} begins after a device.',
      carryOut: async (request) => await control.offers(request.query, urlOf(request)),
    },
    ...(['usage', 'invoices'] as const).map((what) => ({
      method: 'GET' as const,
      path: `/billing/${what}`,
      summary: `Shows the ${what} of a subscription: ?subscription={GUID}.`,
      carryOut: async (request: FastifyRequest) => await control.billing(what, request.query),
    })),
  ];
}
