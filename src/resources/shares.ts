/**
 * shares: SMB and NFS shares on the device, local or tiered to a storage account. Refresh is a job of the machine.
 * Sources: shares §7.1, limits §18, [rec 9–11, 14] and the defaults recorded for a share's GET.
 */
import { Type } from 'typebox';
import { named, object, oneOf, openEnum } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { optional, optionalList, optionalString, readOnlyList } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { Command, DataPolicy, Need, Observation } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { deviceOf, identity, machineStep, observe } from './base/machine.ts';
import { type Mounting, mountPointMap, mountView } from './base/mounts.ts';
import { defineResource, type Existing, type Target } from './base/define.ts';
import { keyOf, nameOnMachine, type Reference, referenceFaults } from './base/references.ts';
import { userAccessRights } from './base/share-access.ts';
import { refreshDetails, refreshDetailsView } from './base/refresh.ts';

const properties = object(
  {
    description: optionalString(),
    // Required of the client, and the machine's to say: what is sent is not looked at [rec].
    shareStatus: openEnum(
      ['Offline', 'Unknown', 'OK', 'Updating', 'NeedsAttention'],
      named('ShareStatus'),
    ),
    monitoringStatus: oneOf(['Enabled', 'Disabled'], named('MonitoringStatus')),
    azureContainerInfo: Type.Optional(
      object(
        {
          storageAccountCredentialId: Type.String(),
          containerName: Type.String(),
          dataFormat: oneOf(
            ['BlockBlob', 'PageBlob', 'AzureFile'],
            named('AzureContainerDataFormat'),
          ),
        },
        named('AzureContainerInfo'),
      ),
    ),
    accessProtocol: oneOf(['SMB', 'NFS'], named('ShareAccessProtocol')),
    userAccessRights,
    clientAccessRights: optionalList(
      object(
        {
          client: Type.String(),
          accessPermission: oneOf(
            ['NoAccess', 'ReadOnly', 'ReadWrite'],
            named('ClientPermissionType'),
          ),
        },
        named('ClientAccessRight'),
      ),
    ),
    refreshDetails: optional(refreshDetails),
    shareMappings: readOnlyList(mountPointMap),
    dataPolicy: Type.Optional(oneOf(['Cloud', 'Local'], named('DataPolicy'))),
  },
  named('ShareProperties'),
);

const schema = object(
  { ...envelope, systemData: systemDataSince('2020-09-01'), properties },
  named('Share'),
);

type Share = Accepted<typeof schema>;
type Properties = Share['properties'];

export const shares = defineResource({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/shares',
  nameParameter: 'name',
  versions: DATA_BOX_EDGE_VERSIONS,
  nameFault,
  schema,
  operations: {
    list: { id: 'Shares_ListByDataBoxEdgeDevice' },
    get: { id: 'Shares_Get' },
    put: { id: 'Shares_CreateOrUpdate', plan: planPut },
    delete: { id: 'Shares_Delete', plan: planDelete },
    actions: {
      refresh: { id: 'Shares_Refresh', style: 'job', plan: planRefresh },
    },
  },
  check,
  view,
});

/** 3–63 letters, digits and single hyphens, a letter or digit at both ends (shares). */
function nameFault(name: string): string | undefined {
  const isWellFormed = /^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/.test(name);
  return isWellFormed && name.length >= 3 && name.length <= 63
    ? undefined
    : 'a share name has 3 to 63 letters, digits and single hyphens, and begins and ends with a letter or digit.';
}

async function check(
  target: Target<Share>,
  { properties: asked }: Share,
): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  const isCloud = policyOf(asked) === 'Cloud';
  if (isCloud && asked.azureContainerInfo === undefined) {
    faults.push({
      target: 'properties.azureContainerInfo',
      message: "A share with data policy 'Cloud' needs its storage account and container.",
    });
  }
  if (isCloud && /[A-Z]/.test(target.name)) {
    faults.push({
      target: 'name',
      message: 'The name of a cloud share has no upper-case letters.',
    });
  }
  if (asked.accessProtocol === 'SMB' && isEmpty(asked.userAccessRights)) {
    faults.push({
      target: 'properties.userAccessRights',
      message: 'An SMB share needs the access rights of at least one user.',
    });
  }
  if (asked.accessProtocol === 'NFS' && isEmpty(asked.clientAccessRights)) {
    faults.push({
      target: 'properties.clientAccessRights',
      message: 'An NFS share needs the access rights of at least one client.',
    });
  }
  faults.push(...(await referenceFaults(target, referencesOf(asked))));
  if (isCloud) faults.push(...(await containerFaults(target, asked)));
  const old = target.resource?.body;
  if (old !== undefined) faults.push(...changeFaults(old.properties, asked));
  return faults;
}

/** A container belongs to one share (limits). */
async function containerFaults(target: Target, asked: Properties): Promise<Fault[]> {
  const placeOf = ({ azureContainerInfo: info }: Properties): string | undefined =>
    info && `${keyOf(info.storageAccountCredentialId) ?? ''}/${info.containerName.toLowerCase()}`;
  const shares = await target.ports.childrenOf<Share>(
    deviceOf(target).key,
    'microsoft.databoxedge/databoxedgedevices/shares',
  );
  const other = shares.find(
    ({ key, body: { properties } }) =>
      key !== target.key &&
      policyOf(properties) === 'Cloud' &&
      placeOf(properties) === placeOf(asked),
  );
  if (other === undefined) return [];
  return [
    {
      target: 'properties.azureContainerInfo.containerName',
      message: `The container belongs to the share '${other.name}' already; a container has one share.`,
    },
  ];
}

/** The users and the credential that a share names. */
function referencesOf({ userAccessRights = [], azureContainerInfo }: Properties): Reference[] {
  const references: Reference[] = userAccessRights.map(({ userId }, index) => ({
    member: `properties.userAccessRights[${index}].userId`,
    id: userId,
    segment: 'users',
  }));
  if (azureContainerInfo !== undefined) {
    references.push({
      member: 'properties.azureContainerInfo.storageAccountCredentialId',
      id: azureContainerInfo.storageAccountCredentialId,
      segment: 'storageAccountCredentials',
      isOfAnyDevice: true,
    });
  }
  return references;
}

/** What a share is made of does not change `[ours]`: it decides how its data lies on the machine. */
function changeFaults(old: Properties, asked: Properties): Fault[] {
  const faults: Fault[] = [];
  if (old.accessProtocol !== asked.accessProtocol) {
    faults.push({
      target: 'properties.accessProtocol',
      message: 'The protocol of a share cannot change; delete it and create another.',
    });
  }
  if (policyOf(old) !== policyOf(asked)) {
    faults.push({
      target: 'properties.dataPolicy',
      message: 'The data policy of a share cannot change; delete it and create another.',
    });
  }
  return faults;
}

const isEmpty = (rights: readonly unknown[] = []): boolean => rights.length === 0;

/** Cloud where nothing is said [rec]. */
const policyOf = ({ dataPolicy = 'Cloud' }: Properties): DataPolicy => dataPolicy;

async function planPut(target: Target, { properties: asked }: Share) {
  const command: Command = {
    kind: 'putShare',
    share: target.name,
    protocol: asked.accessProtocol,
    dataPolicy: policyOf(asked),
    needs: await needsOf(target, asked),
  };
  return [machineStep(target, command)];
}

/** What the share needs of what is on its own machine. */
async function needsOf(target: Target, asked: Properties): Promise<Need[]> {
  const needs: Need[] = [];
  for (const { id, segment } of referencesOf(asked)) {
    const name = await nameOnMachine(target, id);
    if (name !== undefined) needs.push(`${segment === 'users' ? 'user' : 'credential'}/${name}`);
  }
  return needs;
}

async function planDelete(target: Existing) {
  return [machineStep(target, { kind: 'deleteShare', share: target.name })];
}

/** The job has the operation's id. */
async function planRefresh(target: Existing, _body: unknown, operationId: string) {
  const command: Command = { kind: 'refreshShare', share: target.name, job: operationId };
  return [machineStep(target, command)];
}

async function view(target: Existing<Share>): Promise<Shown<typeof schema>> {
  const asked = target.resource.body.properties;
  const seen = await observe(target);
  const share = seen.shares[target.name];
  return {
    properties: {
      description: asked.description,
      shareStatus: share?.status ?? 'Unknown',
      monitoringStatus: asked.monitoringStatus,
      azureContainerInfo: asked.azureContainerInfo,
      accessProtocol: asked.accessProtocol,
      userAccessRights: asked.userAccessRights ?? [],
      clientAccessRights: asked.clientAccessRights ?? [],
      refreshDetails: refreshDetailsView(target, share),
      shareMappings: mappingsOf(target, seen),
      dataPolicy: policyOf(asked),
    },
    ...identity(target, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/shares'),
  };
}

/** The roles that have it mounted. */
function mappingsOf(target: Existing, { cluster, roles }: Observation) {
  const mountings: Mounting[] = Object.entries(roles).flatMap(([role, { kind, mounts }]) =>
    mounts.map((mount) => ({ mount, role, kind })),
  );
  if (cluster !== undefined) {
    const { role, mounts } = cluster;
    mountings.unshift(...mounts.map((mount): Mounting => ({ mount, role, kind: 'Kubernetes' })));
  }
  return mountings
    .filter(({ mount }) => mount.share === target.name)
    .map((mounting) => mountView(target, mounting));
}
