/**
 * The ArcForKubernetes addon: the agents come up in the cluster, and a `Microsoft.Kubernetes/connectedClusters` resource
 * appears in the resource group that the addon names.
 * Sources: arc, arcconn (appliance.md §10.2–10.4), [S].
 */
import { Type } from 'typebox';
import { isGuid, normalisedLocation } from '#arm/names.ts';
import { named, object, oneOf, onlyIn } from '#arm/schema.ts';
import type { Accepted } from '#arm/schema-types.ts';
import { readOnlyString } from '#arm/shapes.ts';
import type { Effect, Step } from '#operations/operation.ts';
import type { Failure, Fault } from '#shared/failure.ts';
import { deviceOf, machineStep, parentNameOf } from '../base/machine.ts';
import type { Existing, Target } from '../base/define.ts';
import { addonEnvelope, addonState, defineAddonKind } from './addon-kind.ts';

const properties = object(
  {
    subscriptionId: Type.String(),
    resourceGroupName: Type.String(),
    resourceName: Type.String(),
    resourceLocation: Type.String(),
    ...addonState,
    customLocationsObjectId: readOnlyString(onlyIn('2023-01-01-preview')),
  },
  named('ArcAddonProperties'),
);

const schema = object(
  { kind: oneOf(['ArcForKubernetes']), ...addonEnvelope, properties },
  named('ArcAddon'),
);

type Addon = Accepted<typeof schema>;
type Properties = Addon['properties'];

export const arcAddon = defineAddonKind({
  schema,
  secrets: [],
  check,
  planPut,
  planDelete,
  view: ({ resource }) => resource.body.properties,
  seen: ({ arc }) =>
    arc === undefined
      ? undefined
      : { addon: arc.addon, state: arc.state, version: arc.agentVersion },
});

/** Id of the connected cluster that the addon makes. */
const clusterIdOf = (asked: Properties): string =>
  `/subscriptions/${asked.subscriptionId}/resourceGroups/${asked.resourceGroupName}` +
  `/providers/Microsoft.Kubernetes/connectedClusters/${asked.resourceName}`;

async function check(
  target: Target<Addon>,
  { properties: asked }: Addon,
): Promise<readonly Fault[]> {
  const old = target.resource;
  if (old !== undefined) return changeFaults(old.body.properties, asked);
  if (!isGuid(asked.subscriptionId)) {
    return [
      { target: 'properties.subscriptionId', message: `'${asked.subscriptionId}' is not a GUID.` },
    ];
  }
  const faults: Fault[] = [];
  // Letters, digits and hyphens, up to 63: the cluster's name is a DNS label too [ours].
  if (!/^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(asked.resourceName)) {
    faults.push({
      target: 'properties.resourceName',
      message: 'The name has 1 to 63 letters, digits and hyphens, and no hyphen at its ends.',
    });
  }
  if (asked.resourceLocation.trim() === '') {
    faults.push({
      target: 'properties.resourceLocation',
      message: 'The location of the connected cluster must not be blank.',
    });
  }
  const { ports } = target;
  if (!(await ports.hasResourceGroup(asked.subscriptionId, asked.resourceGroupName))) {
    faults.push({
      target: 'properties.resourceGroupName',
      message: `Resource group '${asked.resourceGroupName}' could not be found.`,
    });
  }
  if ((await ports.findResource(clusterIdOf(asked).toLowerCase())) !== undefined) {
    // The name must not be taken: an agent cannot join what another made (arc).
    faults.push({
      target: 'properties.resourceName',
      message: taken(asked).message,
    });
  }
  return faults;
}

/** Arc must be removed and deployed anew to another resource (arc). */
function changeFaults(old: Properties, asked: Properties): Fault[] {
  const members = [
    'subscriptionId',
    'resourceGroupName',
    'resourceName',
    'resourceLocation',
  ] as const;
  return members
    .filter((member) => normalisedLocation(old[member]) !== normalisedLocation(asked[member]))
    .map((member) => ({
      target: `properties.${member}`,
      message: `'${member}' cannot change; delete the addon and create another.`,
    }));
}

/** The connected cluster is registered first and then connected; a failure takes back what the addon itself brought. */
async function planPut(target: Target, { properties: asked }: Addon) {
  const id = clusterIdOf(asked);
  const location = normalisedLocation(asked.resourceLocation);
  const origin = deviceOf(target).key;
  const connect = machineStep(target, {
    kind: 'connectArc',
    addon: target.name,
    role: await parentNameOf(target),
    connectedClusterId: id,
  });
  const isNew = target.resource === undefined || target.resource.revision === 0;
  const undo: readonly Effect[] = isNew ? [{ kind: 'remove', id }] : [];
  const register: Step = {
    name: 'register',
    runIn: async (transaction) => {
      const standing = await target.ports.findResourceIn(transaction, id.toLowerCase());
      if (standing !== undefined) return { done: true };
      const body = { location, tags: {} };
      return { done: true, effects: [{ kind: 'put', id, origin, body }] };
    },
  };
  const connectOwn: Step = {
    ...connect,
    runIn: async (transaction, context) => {
      const standing = await target.ports.findResourceIn(transaction, id.toLowerCase());
      // Another device asked for the same name at the same time, and was quicker.
      if (standing !== undefined && standing.origin !== origin) return { failed: taken(asked) };
      const result = await connect.runIn(transaction, context);
      return 'failed' in result ? { ...result, effects: undo } : result;
    },
  };
  return [register, connectOwn];
}

const taken = ({ resourceName }: Properties): Failure => ({
  kind: 'invalid',
  code: 'GatewayUserErrorEntityAlreadyExists',
  message: `A connected cluster named '${resourceName}' exists already.`,
});

/** The connected cluster goes too, where it is this device's: the name may be another's by now. */
async function planDelete(target: Existing<Addon>) {
  const id = clusterIdOf(target.resource.body.properties);
  const standing = await target.ports.findResource(id.toLowerCase());
  const effects: readonly Effect[] =
    standing?.origin === deviceOf(target).key ? [{ kind: 'remove', id }] : [];
  return [machineStep(target, { kind: 'disconnectArc', addon: target.name }, effects)];
}
