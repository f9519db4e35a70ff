/** The control door. No api-version, no subscription; the same envelope. Mounted by `doors.ts`. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type {} from '@fastify/swagger';
import type { JsonObject } from '#shared/json.ts';
import { sendJson } from './answers.ts';
import {
  DEVICE_EXAMPLE,
  documentOf,
  RESOURCE_PARAMETER,
  SUBSCRIPTION_EXAMPLE,
  SUBSCRIPTION_PARAMETER,
} from './route-documents.ts';
import type { Control } from './control.ts';
import { faultRoutes } from './fault-routes.ts';
import type { ControlRoute } from './route.ts';

const JOURNAL_QUERY = {
  resource: {
    description: 'The ARM id of a resource; it or a subscription is needed.',
    example: DEVICE_EXAMPLE,
  },
  subscription: SUBSCRIPTION_PARAMETER,
  kind: 'Kinds of facts, with commas between them.',
  from: 'The first moment.',
  to: 'The first moment after them.',
  limit: 'Entries of a page, from 1 to 1000.',
  after: 'The sequence of the entry before the first.',
};
const ORDER_EXAMPLE: JsonObject = {
  resource: DEVICE_EXAMPLE,
  properties: {
    contactInformation: {
      contactPerson: 'Anna Contact',
      companyName: 'Contoso',
      phone: '555-0100',
      emailList: ['anna@example.com'],
    },
    shippingAddress: { country: 'United States' },
  },
};
/** The documented one, which turns the Arc preview offer on. */
const SUPPORT_EXAMPLE: JsonObject = {
  issueType: 'Billing',
  subscription: SUBSCRIPTION_EXAMPLE,
  service: 'Azure Stack Edge',
  resource: DEVICE_EXAMPLE,
  summary: 'Arc was in preview when we began',
  problemType: 'Unexpected Charges',
  problemSubtype: 'Help me understand charges on my free trial',
};

/** Mounts what only a simulator has. */
export function mountControl(door: FastifyInstance, control: Control): void {
  for (const route of [
    ...worldRoutes(control),
    ...machineRoutes(control),
    ...orderRoutes(control),
    ...faultRoutes(control),
    ...recordRoutes(control),
  ]) {
    door.route({
      method: route.method,
      url: `/_edgetwin${route.path}`,
      schema: documentOf(route),
      handler: async (request, reply) => {
        const body = await route.carryOut(request);
        return sendJson(reply, route.status ?? 200, body);
      },
    });
  }
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
      example: { rate: 60, frozen: false },
      summary: 'Changes the simulated clock: {rate?, frozen?, now?}.',
      carryOut: async (request) => await control.setClock(request.body),
    },
    {
      method: 'POST',
      path: '/clock/advance',
      example: { duration: 'PT25M' },
      summary:
        'Advances the clock, and answers once everything that became due has been done: {duration}.',
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
      example: { activationKey: '…' },
      summary: 'Activates a machine with an activation key: {activationKey}.',
      status: 202,
      carryOut: async (request) => await control.activate(request.body, request.correlationId),
    },
    {
      method: 'GET',
      path: '/appliances/channelIntegrityKey',
      query: { resource: RESOURCE_PARAMETER },
      summary: "Shows a device's channel integrity key: ?resource={ARM id}.",
      carryOut: async (request) => await control.channelIntegrityKey(request.query),
    },
    {
      method: 'GET',
      path: '/appliances/kubernetes/network',
      query: { resource: RESOURCE_PARAMETER },
      summary:
        'Shows the subnets of pods and services (Get-HcsKubeClusterNetworkInfo): ?resource={ARM id}.',
      carryOut: async (request) => await control.clusterNetwork(request.query),
    },
    {
      method: 'PUT',
      path: '/appliances/kubernetes/network',
      example: {
        resource: DEVICE_EXAMPLE,
        podSubnet: '10.96.0.0/16',
        serviceSubnet: '10.97.0.0/16',
      },
      summary:
        'Sets the subnets of pods and services before compute is configured (Set-HcsKubeClusterNetworkInfo): {resource, podSubnet, serviceSubnet}.',
      carryOut: async (request) =>
        await control.setClusterNetwork(request.body, request.correlationId),
    },
  ];
}

/** Orders and support requests: what one asks Microsoft for. */
function orderRoutes(control: Control): ControlRoute[] {
  return [
    {
      method: 'POST',
      path: '/orders',
      example: ORDER_EXAMPLE,
      summary:
        'Orders the machine of a device at the Azure Edge Hardware Center: {resource, properties}.',
      status: 202,
      carryOut: async (request) => await control.placeOrder(request.body, request.correlationId),
    },
    {
      method: 'POST',
      path: '/orders/return',
      example: { resource: DEVICE_EXAMPLE },
      summary: 'Starts the return of a machine: {resource}.',
      carryOut: async (request) => await control.returnMachine(request.body, request.correlationId),
    },
    {
      method: 'POST',
      path: '/orders/state',
      example: { resource: DEVICE_EXAMPLE, state: 'LostDevice' },
      summary:
        'Declines an order, loses a machine on its way, or requests a replacement: {resource, state}.',
      carryOut: async (request) => await control.changeOrder(request.body, request.correlationId),
    },
    {
      method: 'POST',
      path: '/supportRequests',
      example: SUPPORT_EXAMPLE,
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
      query: JOURNAL_QUERY,
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
      query: {
        subscription: SUBSCRIPTION_PARAMETER,
        limit: 'Entries of a page.',
        after: 'Of the nextLink.',
      },
      summary: 'Shows the offers of a subscription: ?subscription={GUID}.',
      description:
        'The billing flag of each device, in the order of their ids. A page has limit={1 to 1000} devices at most, 1000 where ' +
        'nothing is said; nextLink leads to the next one, after={ARM id} begins after a device.',
      carryOut: async (request) => await control.offers(request.query, urlOf(request)),
    },
    ...(['usage', 'invoices'] as const).map((what) => ({
      method: 'GET' as const,
      path: `/billing/${what}`,
      query: { subscription: SUBSCRIPTION_PARAMETER },
      summary: `Shows the ${what} of a subscription: ?subscription={GUID}.`,
      carryOut: async (request: FastifyRequest) => await control.billing(what, request.query),
    })),
  ];
}
