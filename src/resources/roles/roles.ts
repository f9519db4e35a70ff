/**
 * roles: what a device is used for, in four kinds; each has a file of its own. The Kubernetes role is the cluster itself:
 * putting it makes the cluster, deleting it deletes the cluster with all that runs on it (compute, kubectl §4.1).
 * The verbs answer with Azure-AsyncOperation, unlike every other child [rec 16]; recorded of the Kubernetes role alone,
 * and taken for all kinds, since a style is a type's.
 */
import { Type } from 'typebox';
import { named, object } from '#arm/schema.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { present } from '#shared/assert.ts';
import type { Failure, Fault } from '#shared/failure.ts';
import { type JsonObject, objectIn } from '#shared/json.ts';
import { withSealedSecrets } from '../base/encrypted-secret.ts';
import { envelope } from '../base/envelope.ts';
import { kindFaults } from '../base/kinds.ts';
import { identity, machineStep, observe } from '../base/machine.ts';
import { defineResource, type Existing, type Target } from '../base/define.ts';
import { cloudEdgeManagementRole } from './cloud-edge-management.ts';
import { iotRole } from './iot.ts';
import { kubernetesRole } from './kubernetes.ts';
import { mecRole } from './mec.ts';
import type { RoleKind } from './role-kind.ts';

const ADDONS = 'microsoft.databoxedge/databoxedgedevices/roles/addons';

const KINDS = {
  IOT: iotRole,
  Kubernetes: kubernetesRole,
  MEC: mecRole,
  CloudEdgeManagement: cloudEdgeManagementRole,
} as const satisfies Readonly<Record<string, RoleKind>>;

export const roles = defineResource({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/roles',
  nameParameter: 'name',
  parentParameter: 'roleName',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema: object({ kind: Type.String(), ...envelope }, named('Role')),
  kinds: Object.fromEntries(Object.entries(KINDS).map(([kind, { schema }]) => [kind, schema])),
  operations: {
    list: { id: 'Roles_ListByDataBoxEdgeDevice' },
    get: { id: 'Roles_Get' },
    put: {
      id: 'Roles_CreateOrUpdate',
      style: 'async',
      isVisibleAtOnce: true,
      plan: async (target, body) => [
        machineStep(target, await kindOf(body).commandFor(target, objectIn(body, 'properties'))),
      ],
    },
    delete: {
      id: 'Roles_Delete',
      style: 'async',
      plan: async (target) => [machineStep(target, kindOf(target.resource.body).removalOf(target))],
      refusal: deletionRefusal,
    },
  },
  builtIns,
  receive: async (target, body) => await withSealedSecrets(target, body, kindOf(body).secrets),
  check,
  view,
});

/** The kind of a body that was let in. */
function kindOf({ kind }: JsonObject): RoleKind {
  return present(KINDS[kind as keyof typeof KINDS], 'the kind of a role');
}

async function deletionRefusal(target: Existing): Promise<Failure | undefined> {
  const [addon] = await target.ports.childrenOf(target.key, ADDONS);
  return addon === undefined
    ? undefined
    : {
        kind: 'conflict',
        code: 'GatewayUserErrorRoleHasAddons',
        message: `The role '${target.name}' still has the addon '${addon.name}'. Delete the addon first.`,
      };
}

/** What the machine has without being asked for it [rec]. */
async function builtIns(device: Existing) {
  const { roles: seen } = await observe(device);
  return Object.entries(seen)
    .filter(([, { kind }]) => kind === 'CloudEdgeManagement')
    .map(([name, { kind }]) => ({ name, body: { kind, properties: { roleStatus: 'Enabled' } } }));
}

/** The contract leaves `properties` optional; no kind of role is anything without [ours]. */
async function check(target: Target, body: JsonObject): Promise<readonly Fault[]> {
  const faults = kindFaults(target, body);
  if (body.properties === undefined) {
    const message = "The required property 'properties' is missing.";
    return [...faults, { target: 'properties', message }];
  }
  return [...faults, ...(await kindOf(body).check(target, objectIn(body, 'properties')))];
}

async function view(target: Existing): Promise<JsonObject> {
  const { body } = target.resource;
  return {
    kind: body.kind ?? '',
    properties: kindOf(body).view(target, await observe(target)),
    ...identity(target, 'dataBoxEdgeDevices/roles'),
  };
}
