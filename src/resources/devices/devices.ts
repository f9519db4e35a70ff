/**
 * dataBoxEdgeDevices: the tracked resource that everything else hangs below. A PUT is synchronous and answers 200,
 * never 201 [rec 1]; what the hardware is like comes from its machine once that is activated.
 *
 * What ARM cannot say about the hardware is said with tags at creation: `edgetwin-nodes` and `edgetwin-release`.
 */
import { etagOf } from '#arm/etag.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { nodeCountsOf, type Observation, releaseNames } from '#fleet/fleet.ts';
import type { Effect } from '#operations/operation.ts';
import { present } from '#shared/assert.ts';
import type { Failure, Fault } from '#shared/failure.ts';
import { type JsonObject, objectIn, textIn } from '#shared/json.ts';
import { guid } from '#shared/random.ts';
import { deviceActions } from './actions.ts';
import { EXTENDED } from './extended-information.ts';
import { metricOperations } from './metrics.ts';
import { propertiesView } from './properties.ts';
import { devicePatch, deviceSchema } from './shape.ts';
import { DEVICE_LOCATIONS, kindOf } from '../base/skus.ts';
import {
  BIRTH,
  type Birth,
  birthIn,
  cachedObservation,
  identity,
  machineStep,
  observe,
  observeMany,
} from '../base/machine.ts';
import { defineResource, type Existing, type Page, type Target } from '../base/define.ts';

/** How the machine is described at creation: tag → what it sets. All others under the prefix are refused. */
const TAG_PREFIX = 'edgetwin-';
const NODES_TAG = 'edgetwin-nodes';
const RELEASE_TAG = 'edgetwin-release';
/** There must be something to update to (issue of the first slice) [ours]. */
const DEFAULT_RELEASE = '2309';

export const devices = defineResource({
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
  receive,
  view,
  views,
  seen: cachedObservation,
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
async function receive(target: Target, body: JsonObject) {
  const sku = objectIn(body, 'sku');
  const tags = objectIn(body, 'tags') as Record<string, string>;
  const old = target.resource;
  const oldSku = objectIn(old?.body ?? {}, 'sku');
  const birth =
    old === undefined
      ? {
          nodes: Number(tags[NODES_TAG] ?? '1') as Birth['nodes'],
          release: tags[RELEASE_TAG] ?? DEFAULT_RELEASE,
        }
      : objectIn(old.body, BIRTH);
  const { location = '', identity: asked } = body;
  const before = objectIn(old?.body ?? {}, 'properties');
  // Fixed for the resource's life (resil); older api-versions cannot say it.
  const residency = objectIn(body, 'properties').dataResidency ?? before.dataResidency;
  const { edgeProfile } = before;
  const extended = old?.body[EXTENDED];
  return {
    body: {
      location,
      ...(asked === undefined ? {} : { identity: asked }),
      tags,
      // SKU and tier have defaults in the service; which name it takes is in no recording: the first one [inf]. One that
      // is there cannot change, so it is its own default.
      sku: { name: sku.name ?? oldSku.name ?? 'Gateway', tier: 'Standard' },
      properties: {
        ...(residency === undefined ? {} : { dataResidency: residency }),
        ...(edgeProfile === undefined ? {} : { edgeProfile }),
      },
      [BIRTH]: birth,
      ...(extended === undefined ? {} : { [EXTENDED]: extended }),
    },
  };
}

async function check(target: Target, body: JsonObject): Promise<readonly Fault[]> {
  const tags = objectIn(body, 'tags') as Record<string, string>;
  const sku = textIn(objectIn(body, 'sku'), 'name');
  const faults = tagFaults(tags, target.resource?.body);
  const old = target.resource?.body;
  if (old === undefined) {
    const nodes = nodeCountsOf(sku);
    const asked = tags[NODES_TAG];
    if (asked !== undefined && !nodes.map(String).includes(asked)) {
      faults.push({
        target: `tags.${NODES_TAG}`,
        message: `A device of SKU ${sku} has ${nodes.join(' or ')} node(s), not '${asked}'.`,
      });
    }
  } else if (objectIn(old, 'sku').name !== sku) {
    faults.push({
      target: 'sku.name',
      message: `The SKU of a device cannot change from ${textIn(objectIn(old, 'sku'), 'name')} to ${sku}.`,
    });
  }
  return faults;
}

function tagFaults(tags: Record<string, string>, old: JsonObject | undefined): Fault[] {
  const faults: Fault[] = [];
  for (const [tag, value] of Object.entries(tags)) {
    if (!tag.toLowerCase().startsWith(TAG_PREFIX)) continue;
    const target = `tags.${tag}`;
    const fixed = old === undefined ? undefined : birthIn(old);
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
    case 'ReturnInitiated':
      return undefined;
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

function summary(target: Existing) {
  const { body } = target.resource;
  const sku = objectIn(body, 'sku');
  return {
    location: textIn(body, 'location'),
    tags: objectIn(body, 'tags'),
    sku: { name: sku.name ?? '', tier: sku.tier ?? 'Standard' },
    kind: kindOf(textIn(sku, 'name')),
    ...identityView(target),
  };
}

function viewOf(target: Existing, observation: Observation): JsonObject {
  const { location, tags, sku, kind, ...rest } = summary(target);
  return {
    ...{ location, tags, sku },
    etag: etagOf(target.resource),
    ...rest,
    kind,
    properties: propertiesView(target.resource.body, observation),
    ...identity(target, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices'),
  };
}

async function view(target: Existing): Promise<JsonObject> {
  return viewOf(target, await observe(target));
}

async function views({ targets, ports }: Page) {
  const devices = targets.map(({ resource }) => resource);
  const observations = await observeMany(devices, ports);
  return targets.map((target, index) => {
    const bound = { ...target, ports };
    const observation = present(observations[index], 'the observation of a device');
    const view = viewOf(bound, observation);
    return cachedObservation(bound) === observation ? { view, seen: observation } : { view };
  });
}

/** The answer of a write has the move details too [rec 3]. */
async function viewAfterWrite(target: Existing): Promise<JsonObject> {
  const shown = await view(target);
  const properties = objectIn(shown, 'properties');
  return {
    ...shown,
    properties: { ...properties, resourceMoveDetails: { operationInProgress: 'None' } },
  };
}

function identityView(target: Existing): JsonObject {
  const { type } = objectIn(target.resource.body, 'identity');
  if (type !== 'SystemAssigned') return {};
  const { seed } = target.ports;
  return {
    identity: {
      type,
      principalId: guid(seed, 'principal', target.resource.incarnation),
      tenantId: guid(seed, 'tenant'),
    },
  };
}
