/**
 * roles: what a device is used for, in four kinds; each has a file of its own. The Kubernetes role is the cluster itself:
 * putting it makes the cluster, deleting it deletes the cluster with all that runs on it (compute, kubectl §4.1).
 * Only the Kubernetes role is polled by Azure-AsyncOperation and seen while it is made; an IOT role is put and deleted like any other
 * child, with Location [rec 9–11, 16]. No recording has a PUT of the MEC and CloudEdgeManagement roles: they go as the IOT role [inf].
 */
import { Type } from 'typebox';
import type { BuiltIn, PollStyle, Received } from '#arm/resource-type.ts';
import { named, nodeOf, object } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { present } from '#shared/assert.ts';
import type { Failure, Fault } from '#shared/failure.ts';
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
};

type Schema = (typeof KINDS)[keyof typeof KINDS]['schema'];
type Role = Accepted<Schema>;

export const roles = defineResource({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/roles',
  nameParameter: 'name',
  parentParameter: 'roleName',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema: object({ kind: Type.String(), ...envelope }, named('Role')),
  kinds: {
    IOT: iotRole.schema,
    Kubernetes: kubernetesRole.schema,
    MEC: mecRole.schema,
    CloudEdgeManagement: cloudEdgeManagementRole.schema,
  },
  operations: {
    list: { id: 'Roles_ListByDataBoxEdgeDevice' },
    get: { id: 'Roles_Get' },
    put: {
      id: 'Roles_CreateOrUpdate',
      style,
      // The built-in role is there already, and stays to be seen.
      isVisibleAtOnce: (body) => isCluster(body) || body.kind === 'CloudEdgeManagement',
      plan: planPut,
    },
    delete: {
      id: 'Roles_Delete',
      style,
      plan: planDelete,
      refusal: deletionRefusal,
    },
  },
  builtIns,
  receive,
  check,
  view,
});

/** The kind of a body. Its functions take the bodies of its own kind, and `body` is one. */
const kindOf = (body: Role): RoleKind<Schema> => KINDS[body.kind];

const isCluster = (body: Role): boolean => kindOf(body).isCluster === true;

function style(body: Role): PollStyle {
  return isCluster(body) ? 'async' : 'location';
}

/** The properties of a body that `check` has passed. */
const propertiesOf = ({ properties }: Role) => present(properties, 'the properties of a role');

async function receive(target: Target<Role>, body: Role): Promise<Received<Role>> {
  const { secrets, preset } = kindOf(body);
  const whole =
    body.properties === undefined && preset !== undefined
      ? ({ ...body, properties: preset } as Role)
      : body;
  return await withSealedSecrets(target, whole, secrets);
}

async function planPut(target: Target, body: Role) {
  return [machineStep(target, await kindOf(body).commandFor(target, propertiesOf(body)))];
}

async function planDelete(target: Existing<Role>) {
  return [machineStep(target, kindOf(target.resource.body).removalOf(target))];
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
async function builtIns(device: Existing): Promise<BuiltIn<Role>[]> {
  const { roles: seen } = await observe(device);
  const body = { kind: 'CloudEdgeManagement', properties: { roleStatus: 'Enabled' } } as const;
  return Object.entries(seen)
    .filter(([, { kind }]) => kind === body.kind)
    .map(([name]) => ({ name, body }));
}

/** The contract leaves `properties` optional; a kind that is nothing without them says which it needs [ours]. */
async function check(target: Target<Role>, body: Role): Promise<readonly Fault[]> {
  const faults = kindFaults(target, body);
  if (body.properties === undefined) {
    return [...faults, ...missingProperties(kindOf(body).schema)];
  }
  return [...faults, ...(await kindOf(body).check(target, body.properties))];
}

function missingProperties(schema: Schema): Fault[] {
  const required = nodeOf(nodeOf(schema).properties?.properties ?? {}).required ?? [];
  return required.map((name) => {
    const target = `properties.${name}`;
    return { target, message: `The required property '${target}' is missing.` };
  });
}

async function view(target: Existing<Role>): Promise<Shown<Schema>> {
  const { body } = target.resource;
  return {
    kind: body.kind,
    properties: kindOf(body).view(target, await observe(target)),
    ...identity(target, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/roles'),
  } as Shown<Schema>;
}
