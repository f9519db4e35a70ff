/** The routes of faults and explanations. */
import type { Control } from './control.ts';
import { DEVICE_EXAMPLE, RESOURCE_PARAMETER } from './route-documents.ts';
import type { ControlRoute } from './route.ts';

export const faultRoutes = (control: Control): ControlRoute[] => [
  ...singleRoutes(control),
  ...campaignRoutes(control),
];

/** Single faults, and explanations. */
function singleRoutes(control: Control): ControlRoute[] {
  return [
    {
      method: 'POST',
      path: '/faults',
      example: { resource: DEVICE_EXAMPLE, kind: 'uplinkDown', for: 'PT2H' },
      summary:
        'Breaks something on a device: {resource, kind, node?, disk?, supply?, stage?, after?, for?}.',
      description:
        'The fault begins at once, or after a while (after), and lasts until it is healed, or for a while (for); both are ISO 8601 ' +
        'durations of simulated time. GET /_edgetwin/faults/kinds lists the kinds, and which members say where a fault is. What is ' +
        'impossible on that hardware is refused.',
      status: 201,
      carryOut: async (request) => await control.faults.inject(request.body),
    },
    {
      method: 'GET',
      path: '/faults',
      query: { resource: RESOURCE_PARAMETER },
      summary: 'Lists the faults of a device, those to come included: ?resource={ARM id}.',
      carryOut: async (request) => await control.faults.list(request.query),
    },
    {
      method: 'GET',
      path: '/faults/kinds',
      summary: 'Lists the kinds of faults with their members.',
      carryOut: async () => control.faults.kinds(),
    },
    {
      method: 'DELETE',
      path: '/faults/:id',
      summary: 'Heals a fault, or calls off one to come.',
      carryOut: async (request) => await control.faults.heal((request.params as { id: string }).id),
    },
    {
      method: 'GET',
      path: '/explain',
      query: {
        resource: 'The ARM id of a device, or of something that is observed on one.',
        field: 'Which of its fields; by default the first one that can be explained.',
        at: 'The moment; by default now.',
      },
      summary:
        'Shows why a field has its value, as the chain of facts that led to it: ?resource={ARM id}.',
      description:
        'The first entry of the chain is the fact that gave the field its value, each following one what brought the one before about. ' +
        'Resources and their fields: a device (dataBoxEdgeDeviceStatus, deviceSoftwareVersion), its nodes (nodeStatus), its alerts ' +
        '(alert), its order (status), its Kubernetes role (provisioningState), and a connected cluster (connectivityStatus).',
      carryOut: async (request) => await control.explain(request.query),
    },
  ];
}

/** Faults by chance. */
function campaignRoutes(control: Control): ControlRoute[] {
  return [
    {
      method: 'POST',
      path: '/faults/campaigns',
      example: { resource: DEVICE_EXAMPLE, meanTimeBetween: 'P1D', for: 'P7D' },
      summary:
        'Breaks things on a device by chance: {resource, kinds?, meanTimeBetween, for, seed?}.',
      description:
        'Faults of the kinds, or of all that are possible, come at the mean time between them; each heals by itself. The same seed ' +
        'gives the same faults.',
      status: 201,
      carryOut: async (request) => await control.campaigns.begin(request.body),
    },
    {
      method: 'GET',
      path: '/faults/campaigns',
      query: { resource: RESOURCE_PARAMETER },
      summary: 'Lists the campaigns of a device that have not ended: ?resource={ARM id}.',
      carryOut: async (request) => await control.campaigns.list(request.query),
    },
    {
      method: 'DELETE',
      path: '/faults/campaigns/:id',
      summary: 'Ends a campaign; the faults that it has brought go on for their time.',
      carryOut: async (request) =>
        await control.campaigns.end((request.params as { id: string }).id),
    },
  ];
}
