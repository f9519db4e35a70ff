/**
 * The story of the product as data: from a PUT to a billed, Arc-connected cluster, and back to nothing. Told in one go
 * by the scenarios (`tell`), and by `test/simulation/kill.test.ts` to a process that dies on the way.
 */
import assert from 'node:assert/strict';
import type { Response } from 'supertest';
import { type Duration, days, hours, minutes } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import {
  type ArmClient,
  arcAddon,
  DEVICE,
  GROUP,
  KUBERNETES_ROLE,
  pollUrl,
  propertiesOf,
  SUBSCRIPTION,
} from '../support/arm-client.ts';

export const GROUP_URL = `${GROUP}?api-version=2021-04-01`;
export const ORDER = `${DEVICE}/orders/default`;
export const ROLE = `${DEVICE}/roles/kubernetes`;
export const ADDON = `${ROLE}/addons/arc`;
export const SHARE = `${DEVICE}/shares/local1`;
export const SCHEDULE = `${DEVICE}/bandwidthSchedules/nights`;
export const CONNECTED = `${GROUP}/providers/Microsoft.Kubernetes/connectedClusters/arc1?api-version=2021-10-01`;
export const OFFERS = `/_edgetwin/billing/offers?subscription=${SUBSCRIPTION}`;

/** An entry of the journal, as far as it is looked at here. */
export interface Entry {
  readonly kind: string;
  readonly cause: string;
}

/** Whether the journal shows that what was asked has been taken: for a teller who got no answer. */
type Taken = (journal: readonly Entry[], correlationId: string) => boolean;

/** One sentence of the story. */
export type Act =
  | {
      readonly kind: 'ask';
      readonly name: string;
      readonly send: (arm: ArmClient) => Promise<Response>;
      /** What the answer may be. */
      readonly statuses: readonly number[];
      /** Undefined: it may be asked twice and leaves nothing in the journal. */
      readonly taken: Taken | undefined;
    }
  | { readonly kind: 'pass'; readonly name: string; readonly length: Duration }
  /** What was asked under `name` must have ended well, by the URL that its 202 gave. */
  | { readonly kind: 'end'; readonly name: string; readonly of: string }
  /** Looks and changes nothing. */
  | {
      readonly kind: 'see';
      readonly name: string;
      readonly look: (arm: ArmClient) => Promise<void>;
    };

/** Where each 202 said to poll, by the name of what was asked. */
export type Told = Map<string, string>;

const causedBy =
  (prefix: string): Taken =>
  (journal, correlationId) =>
    journal.some(({ cause }) => cause === prefix + correlationId);

function ask(
  name: string,
  [method, url, body]: readonly [
    method: 'put' | 'patch' | 'post' | 'delete',
    url: string,
    body?: Json,
  ],
  {
    status = 202,
    taken = causedBy('request/'),
  }: { readonly status?: number; readonly taken?: Taken } = {},
): Act {
  return {
    kind: 'ask',
    name,
    statuses: [status],
    taken,
    send: async (arm) => arm.call(method, url, body),
  };
}

const pass = (name: string, length: Duration): Act => ({ kind: 'pass', name, length });

const see = (name: string, look: (arm: ArmClient) => Promise<void>): Act => ({
  kind: 'see',
  name,
  look,
});

const ended = (of: string): Act => ({ kind: 'end', name: `${of} has ended`, of });

/** The technician's part: a certificate is made and handed back. Asking twice changes nothing more. */
async function activate(arm: ArmClient): Promise<Response> {
  const { publicKey } = await arm.post(`${DEVICE}/generateCertificate`);
  const properties = { certificate: publicKey as string };
  return await arm.call('post', `${DEVICE}/uploadCertificate`, { properties });
}

const SUPPORT_REQUEST = {
  issueType: 'Billing',
  subscription: SUBSCRIPTION,
  service: 'Azure Stack Edge',
  resource: DEVICE,
  summary: 'Arc was in preview when we began',
  problemType: 'Unexpected Charges',
  problemSubtype: 'Help me understand charges on my free trial',
} as const satisfies JsonObject;

const CONTACT = {
  contactPerson: 'A',
  companyName: 'B',
  phone: '1',
  emailList: ['a@example.com'],
} as const satisfies JsonObject;

const LOCAL_SHARE = {
  properties: {
    shareStatus: 'OK',
    monitoringStatus: 'Enabled',
    accessProtocol: 'NFS',
    dataPolicy: 'Local',
    clientAccessRights: [{ client: '10.0.0.1', accessPermission: 'ReadWrite' }],
  },
} as const satisfies JsonObject;

const NIGHTS = {
  properties: { start: '0:0:0', stop: '6:0:0', rateInMbps: 100, days: ['Sunday', 'Monday'] },
} as const satisfies JsonObject;

const hasOffer = async (arm: ArmClient): Promise<boolean> => {
  const { value } = await arm.get(OFFERS);
  return (value as { arc: string }[])[0]?.arc === 'previewNoCharge';
};

const FIRST_RELEASE = '2309';

async function releaseOf(arm: ArmClient): Promise<string> {
  const summary = propertiesOf(await arm.get(`${DEVICE}/updateSummary/default`));
  return summary.friendlyDeviceVersionName as string;
}

/** The whole story, in order. Names are unique. */
export const STORY: readonly Act[] = [
  {
    kind: 'ask',
    name: 'a group',
    send: async (arm) => arm.call('put', GROUP_URL, { location: 'eastus', tags: { team: 'edge' } }),
    statuses: [201, 200],
    taken: undefined,
  },
  ask('a device', ['put', DEVICE, { location: 'eastus', sku: { name: 'EdgeP_Base' } }], {
    status: 200,
  }),
  ask('its tags', ['patch', DEVICE, { tags: { team: 'edge' } }], { status: 200 }),
  ask('an order', ['put', ORDER, { properties: { contactInformation: CONTACT } }]),
  pass('the order is taken', hours(1)),
  ended('an order'),
  pass('shipping', days(14)),
  see('the delivery', async (arm) => {
    const order = propertiesOf(await arm.get(ORDER));
    assert.equal((order.currentStatus as { status: string }).status, 'Delivered');
  }),
  {
    kind: 'ask',
    name: 'the activation',
    send: activate,
    statuses: [200],
    taken: undefined,
  },
  pass('the activation goes on', minutes(6)),
  see('a device online', async (arm) => {
    const device = propertiesOf(await arm.get(DEVICE));
    assert.equal(device.dataBoxEdgeDeviceStatus, 'Online');
    assert.match(await releaseOf(arm), new RegExp(FIRST_RELEASE));
  }),
  ask('a cluster', ['put', ROLE, KUBERNETES_ROLE]),
  ask('a share meanwhile', ['put', SHARE, LOCAL_SHARE]),
  ask('a schedule meanwhile', ['put', SCHEDULE, NIGHTS]),
  pass('the cluster comes up', hours(1)),
  ended('a cluster'),
  ended('a share meanwhile'),
  ended('a schedule meanwhile'),
  see('a cluster created', async (arm) => {
    assert.equal(propertiesOf(await arm.get(ROLE)).provisioningState, 'Created');
  }),
  ask('Arc', ['put', ADDON, arcAddon('arc1')]),
  pass('the agents come up', hours(1)),
  ended('Arc'),
  see('a connected cluster', async (arm) => {
    assert.equal(propertiesOf(await arm.get(CONNECTED)).connectivityStatus, 'Connected');
  }),
  pass('three days', days(3)),
  ask('help with the bill', ['post', '/_edgetwin/supportRequests', SUPPORT_REQUEST], {
    status: 201,
    taken: (journal) => journal.some(({ kind }) => kind === 'billing.offerGranted'),
  }),
  see('the offer', async (arm) => {
    assert.ok(await hasOffer(arm));
  }),
  ...['scanForUpdates', 'downloadUpdates', 'installUpdates'].flatMap((action) => [
    ask(action, ['post', `${DEVICE}/${action}`]),
    pass(`${action} goes on`, hours(10)),
    ended(action),
  ]),
  see('a newer release', async (arm) => {
    assert.doesNotMatch(await releaseOf(arm), new RegExp(FIRST_RELEASE));
  }),
  ask('no schedule', ['delete', SCHEDULE]),
  ask('no Arc', ['delete', ADDON]),
  pass('the agents leave', hours(1)),
  ended('no schedule'),
  ended('no Arc'),
  see('no connected cluster', async (arm) => {
    await arm.refused('get', CONNECTED, 404);
  }),
  ask('no cluster', ['delete', ROLE]),
  pass('the cluster goes', hours(1)),
  ended('no cluster'),
  see('a bill that runs', async (arm) => {
    await arm.refused('delete', DEVICE, 409);
  }),
  ask('the return', ['post', '/_edgetwin/orders/return', { resource: DEVICE }], {
    status: 200,
    taken: causedBy('command/control/return/'),
  }),
  ask('no device', ['delete', DEVICE]),
  pass('the device is wiped', hours(1)),
  ended('no device'),
  see('nothing left', async (arm) => {
    await arm.refused('get', DEVICE, 404);
    await arm.refused('get', SHARE, 404);
  }),
];

/** Sends what an act asks and remembers where to poll. */
export async function send(act: Act & { kind: 'ask' }, arm: ArmClient, told: Told): Promise<void> {
  const response = await act.send(arm);
  assert.ok(
    act.statuses.includes(response.status),
    `${act.name}: ${response.status} ${JSON.stringify(response.body)}`,
  );
  if (response.status === 202) told.set(act.name, pollUrl(response));
}

/** Polls what an act asked, where a 202 was received. */
export async function checkEnded(
  act: Act & { kind: 'end' },
  arm: ArmClient,
  told: Told,
): Promise<void> {
  const url = told.get(act.of);
  if (url === undefined) return;
  const polled = await arm.call('get', url);
  const { status = 'Succeeded' } = polled.body as { status?: string };
  assert.ok(polled.status < 400 && status === 'Succeeded', JSON.stringify(polled.body));
  const { location = '' } = polled.headers as { location?: string };
  const isAtTheResource = polled.status === 202 && !location.includes('/operationResults/');
  assert.ok(
    isAtTheResource || polled.headers['retry-after'] === undefined,
    'the operation has ended',
  );
}

/** Tells the story without a break. */
export async function tell(arm: ArmClient): Promise<void> {
  const told: Told = new Map();
  for (const act of STORY) {
    switch (act.kind) {
      case 'ask':
        await send(act, arm, told);
        break;
      case 'pass':
        await arm.advance(act.length);
        break;
      case 'end':
        await checkEnded(act, arm, told);
        break;
      case 'see':
        await act.look(arm);
        break;
    }
  }
}
