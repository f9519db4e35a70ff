/**
 * dataBoxEdgeDevices: the tracked resource that everything else hangs below. A PUT is synchronous and answers 200,
 * never 201 [rec 1]; what the hardware is like comes from its machine once that is activated.
 *
 * What ARM cannot say about the hardware is said with tags at creation: `edgetwin-nodes` and `edgetwin-release`.
 */
import { etagOf } from '#arm/etag.ts';
import type { Received } from '#arm/resource-type.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { nodeCountsOf, type Overview, releaseNames } from '#fleet/fleet.ts';
import type { Effect } from '#operations/operation.ts';
import { present } from '#shared/assert.ts';
import type { Failure, Fault } from '#shared/failure.ts';
import { guid } from '#shared/random.ts';
import { deviceActions } from './actions.ts';
import { metricOperations } from './metrics.ts';
import { propertiesView } from './properties-view.ts';
import { devicePatch, deviceSchema } from './shape.ts';
import { EXTENDED } from '../base/secret-store.ts';
import type { StoredDevice } from './stored-device.ts';
import { DEVICE_LOCATIONS, isOrderable, kindOf } from '../base/skus.ts';
import {
  cachedOverview,
  HARDWARE,
  type HardwareOptions,
  identity,
  machineStep,
  observe,
  overviewOf,
  overviewsOf,
} from '../base/machine.ts';
import { defineResource, type Existing, type Page, type Target } from '../base/define.ts';

/** How the machine is described at creation: tag → what it sets. All others under the prefix are refused. */
const TAG_PREFIX = 'edgetwin-';
const NODES_TAG = 'edgetwin-nodes';
const RELEASE_TAG = 'edgetwin-release';
/** There must be something to update to (issue of the first slice) [ours]. */
const DEFAULT_RELEASE = '2309';

type View = Shown<typeof deviceSchema>;

export const devices = defineResource<typeof deviceSchema, undefined, StoredDevice>({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices',
  // ARM's own errors spell it so [rec 17].
  registeredType: 'DataBoxEdgeDevices',
  nameParameter: 'deviceName',
  versions: DATA_BOX_EDGE_VERSIONS,
  locations: DEVICE_LOCATIONS,
  title: 'Data Box Edge devices',
  furtherOperations: metricOperations,
  nameFault,
  schema: deviceSchema,
  operations: {
    list: {
      id: 'Devices_ListByResourceGroup',
      published: { query: { $expand: '..' } },
      bySubscription: {
        id: 'Devices_ListBySubscription',
        published: { query: { $expand: '..' } },
      },
    },
    get: { id: 'Devices_Get' },
    put: { id: 'Devices_CreateOrUpdate', published: { longRunningIn: '..2020-12-01' } },
    patch: { id: 'Devices_Update', body: devicePatch },
    delete: { id: 'Devices_Delete', plan: planDelete, refusal: deletionRefusal },
    actions: deviceActions,
  },
  check,
  refusal,
  receive,
  view,
  views,
  seen: cachedOverview,
  summary,
  viewAfterWrite,
  onDelete: async ({ ports, resource }, transaction) => {
    await ports.fleet.remove(transaction, resource.incarnation);
    await ports.vault.removeDevice(resource.incarnation, transaction);
  },
});

/** 3–24 letters, digits and hyphens [tf]; recorded names begin and end with a letter or digit. */
function nameFault(name: string): string | undefined {
  return /^[\da-zA-Z][-\da-zA-Z]{0,22}[\da-zA-Z]$/.test(name)
    ? undefined
    : 'a device name has 2 to 24 letters, digits and hyphens, and begins and ends with a letter or digit.';
}

/** Puts the defaults in, and on the first PUT what the tags say of the hardware; kept ever after. */
async function receive(
  target: Target<StoredDevice>,
  { location, identity: asked, tags = {}, sku, properties }: Accepted<typeof deviceSchema>,
): Promise<Received<StoredDevice>> {
  const old = target.resource?.body;
  // Fixed for the resource's life (resil); older api-versions cannot say it.
  const residency = properties?.dataResidency ?? old?.properties.dataResidency;
  const edgeProfile = old?.properties.edgeProfile;
  const extended = old?.[EXTENDED];
  return {
    body: {
      location,
      ...(asked === undefined ? {} : { identity: asked }),
      tags,
      // SKU and tier have defaults in the service; which name it takes is in no recording: the first one [inf]. One that
      // is there cannot change, so it is its own default.
      sku: { name: sku?.name ?? old?.sku.name ?? 'Gateway', tier: 'Standard' },
      properties: {
        ...(residency === undefined ? {} : { dataResidency: residency }),
        ...(edgeProfile === undefined ? {} : { edgeProfile }),
      },
      [HARDWARE]: old?.[HARDWARE] ?? hardwareIn(tags),
      ...(extended === undefined ? {} : { [EXTENDED]: extended }),
    },
  };
}

/** What the tags say of the hardware; `check` refuses those that say something else. */
const hardwareIn = (tags: Readonly<Record<string, string>>): HardwareOptions => ({
  nodes: tags[NODES_TAG] === '2' ? 2 : 1,
  release: tags[RELEASE_TAG] ?? DEFAULT_RELEASE,
});

/** What the order catalogue does not have cannot be made any more; what is there stays [gh azure-cli#18767]. */
async function refusal(
  { resource, ports }: Target<StoredDevice>,
  { sku: { name } }: StoredDevice,
): Promise<Failure | undefined> {
  if (resource !== undefined || isOrderable(name) || ports.hasEverySku) return undefined;
  const message = `Sku '${name}' is not enabled in this region.`;
  return { kind: 'invalid', code: 'GatewayUserErrorSkuDisabledRegion', message };
}

async function check(
  target: Target<StoredDevice>,
  { tags, sku: { name: sku } }: StoredDevice,
): Promise<readonly Fault[]> {
  const old = target.resource?.body;
  const faults = tagFaults(tags, old?.[HARDWARE]);
  if (old === undefined) {
    const nodes = nodeCountsOf(sku);
    const asked = tags[NODES_TAG];
    if (asked !== undefined && !nodes.map(String).includes(asked)) {
      faults.push({
        target: `tags.${NODES_TAG}`,
        message: `A device of SKU ${sku} has ${nodes.join(' or ')} ${nodes.at(-1) === 1 ? 'node' : 'nodes'}, not '${asked}'.`,
      });
    }
  } else if (old.sku.name !== sku) {
    faults.push({
      target: 'sku.name',
      message: `The SKU of a device cannot change from ${old.sku.name} to ${sku}.`,
    });
  }
  return faults;
}

function tagFaults(tags: Record<string, string>, fixed: HardwareOptions | undefined): Fault[] {
  const faults: Fault[] = [];
  for (const [tag, value] of Object.entries(tags)) {
    if (!tag.toLowerCase().startsWith(TAG_PREFIX)) continue;
    const target = `tags.${tag}`;
    if (tag !== NODES_TAG && tag !== RELEASE_TAG) {
      const known = `${NODES_TAG} (1 or 2), ${RELEASE_TAG} (${releaseNames().join(', ')})`;
      faults.push({
        target,
        message: `There is no tag '${tag}' of the emulator; there are: ${known}.`,
      });
    } else if (fixed !== undefined) {
      const { nodes, release } = fixed;
      const stands = tag === NODES_TAG ? String(nodes) : release;
      if (stands !== value) {
        faults.push({
          target,
          message: `'${tag}' was settled as '${stands}' when the device was created and cannot change.`,
        });
      }
    } else if (tag === RELEASE_TAG && !releaseNames().includes(value)) {
      faults.push({
        target,
        message: `There is no release '${value}'; there are: ${releaseNames().join(', ')}.`,
      });
    }
  }
  return faults;
}

/** A fresh device goes at once; an activated one is disconnected and wiped first [ours]. */
async function planDelete(target: Existing) {
  const { isActive } = await observe(target);
  // The plan is made anew at every step, so it may not depend on what its own steps change.
  if (!isActive && target.resource.operationId === undefined) return undefined;
  return [
    {
      name: 'remove-connected-clusters',
      run: async () => ({ done: true, effects: await connectedClusters(target) }) as const,
    },
    machineStep(target, { kind: 'reset' }),
  ];
}

async function connectedClusters(target: Existing): Promise<Effect[]> {
  const made = await target.ports.resourcesMadeBy(
    target.key,
    'microsoft.kubernetes/connectedclusters',
  );
  return made.map((cluster) => ({ kind: 'remove', id: cluster.id }));
}

/** A device under active billing cannot go, nor one that is being prepared or on its way (return, bill). */
async function deletionRefusal(target: Existing): Promise<Failure | undefined> {
  const { order } = await observe(target);
  const state = order?.history.at(-1)?.state;
  switch (state) {
    case undefined:
    case 'Untracked':
    case 'AwaitingFulfillment':
    case 'Declined':
    case 'LostDevice':
    case 'ReturnInitiated':
    case 'AwaitingReturnShipment':
    case 'ShippedBack':
    case 'CollectedAtMicrosoft':
      return undefined;
    case 'PickupCompleted':
    case 'ReplacementRequested':
    case 'Delivered':
      return {
        kind: 'conflict',
        code: 'GatewayUserErrorDeviceBillingActive',
        message: `The device '${target.name}' is under active billing and cannot be deleted. Initiate its return first; billing ends then.`,
      };
    default:
      return {
        kind: 'conflict',
        code: 'GatewayUserErrorDeviceOrderActive',
        message: `The order of the device '${target.name}' is ${state}; the device can be deleted before preparation begins or after its return.`,
      };
  }
}

function summary(target: Existing<StoredDevice>) {
  const { location, tags, sku } = target.resource.body;
  const shownIdentity = identityView(target);
  return {
    location,
    tags,
    sku: { name: sku.name, tier: sku.tier },
    kind: kindOf(sku.name),
    ...(shownIdentity === undefined ? {} : { identity: shownIdentity }),
  };
}

function viewOf(target: Existing<StoredDevice>, overview: Overview): View {
  const { location, tags, sku, properties } = target.resource.body;
  return {
    location,
    tags,
    sku,
    etag: etagOf(target.resource),
    identity: identityView(target),
    kind: kindOf(sku.name),
    properties: propertiesView(properties, overview),
    ...identity(target, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices'),
  };
}

async function view(target: Existing<StoredDevice>): Promise<View> {
  return viewOf(target, await overviewOf(target));
}

async function views({ targets, ports }: Page<StoredDevice>) {
  const devices = targets.map(({ resource }) => resource);
  const overviews = await overviewsOf(devices, ports);
  return targets.map((target, index) => {
    const bound = { ...target, ports };
    const overview = present(overviews[index], 'the overview of a device');
    const view = viewOf(bound, overview);
    return cachedOverview(bound) === overview ? { view, seen: overview } : { view };
  });
}

/** The answer of a write has the move details too [rec 3]. */
async function viewAfterWrite(target: Existing<StoredDevice>): Promise<View> {
  const shown = await view(target);
  return {
    ...shown,
    properties: { ...shown.properties, resourceMoveDetails: { operationInProgress: 'None' } },
  };
}

function identityView({ resource, ports: { seed } }: Existing<StoredDevice>) {
  const type = resource.body.identity?.type;
  if (type !== 'SystemAssigned') return undefined;
  return {
    type,
    principalId: guid(seed, 'principal', resource.incarnation),
    tenantId: guid(seed, 'tenant'),
  };
}
