/**
 * shares: SMB and NFS shares on the device, local or tiered to a storage account. Refresh is a job of the machine.
 * Sources: shares §7.1, limits §18, [rec 9–11, 14] and the defaults recorded for a share's GET.
 */
import { Type } from 'typebox';
import { defineResource, type Existing, objectIn, type Target } from '#arm/resource-type.ts';
import { object, oneOf, openEnum, shownObject, shownObjects } from '#arm/schema.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { Command, DataPolicy, ObservedShare, ShareProtocol } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
import { formatInstant } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import { envelope } from './base/envelope.ts';
import { identity, machineStep, observe } from './base/machine.ts';
import type { Ports } from './base/ports.ts';

const schema = object({
  ...envelope,
  properties: object({
    description: Type.Optional(Type.String()),
    // Required of the client, and the machine's to say: what is sent is not looked at [rec].
    shareStatus: openEnum(['Offline', 'Unknown', 'OK', 'Updating', 'NeedsAttention']),
    monitoringStatus: oneOf(['Enabled', 'Disabled']),
    azureContainerInfo: Type.Optional(
      object({
        storageAccountCredentialId: Type.String(),
        containerName: Type.String(),
        dataFormat: oneOf(['BlockBlob', 'PageBlob', 'AzureFile']),
      }),
    ),
    accessProtocol: oneOf(['SMB', 'NFS']),
    userAccessRights: Type.Optional(
      Type.Array(
        object({ userId: Type.String(), accessType: oneOf(['Change', 'Read', 'Custom']) }),
      ),
    ),
    clientAccessRights: Type.Optional(
      Type.Array(
        object({
          client: Type.String(),
          accessPermission: oneOf(['NoAccess', 'ReadOnly', 'ReadWrite']),
        }),
      ),
    ),
    refreshDetails: Type.Optional(Type.Object({})),
    shareMappings: shownObjects(),
    dataPolicy: Type.Optional(oneOf(['Cloud', 'Local'])),
  }),
  systemData: shownObject(),
});

export const shares = defineResource<Ports>({
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

async function check(target: Target<Ports>, body: JsonObject): Promise<readonly Fault[]> {
  const asked = objectIn(body, 'properties');
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
  const old = target.resource?.body;
  if (old !== undefined) faults.push(...changeFaults(objectIn(old, 'properties'), asked));
  return faults;
}

/** What a share is made of does not change `[ours]`: it decides how its data lies on the machine. */
function changeFaults(old: JsonObject, asked: JsonObject): Fault[] {
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

const isEmpty = (rights: Json | undefined): boolean =>
  !Array.isArray(rights) || rights.length === 0;

/** Cloud where nothing is said [rec]. */
const policyOf = (asked: JsonObject): DataPolicy =>
  asked.dataPolicy === 'Local' ? 'Local' : 'Cloud';

async function planPut(target: Target<Ports>, body: JsonObject) {
  const asked = objectIn(body, 'properties');
  const command: Command = {
    kind: 'putShare',
    share: target.name,
    protocol: asked.accessProtocol as ShareProtocol,
    dataPolicy: policyOf(asked),
  };
  return [machineStep(target, command)];
}

async function planDelete(target: Existing<Ports>) {
  return [machineStep(target, { kind: 'deleteShare', share: target.name })];
}

/** The job has the operation's id. */
async function planRefresh(target: Existing<Ports>, _body: JsonObject, operationId: string) {
  const command: Command = { kind: 'refreshShare', share: target.name, job: operationId };
  return [machineStep(target, command)];
}

async function view(target: Existing<Ports>): Promise<JsonObject> {
  const asked = objectIn(target.resource.body, 'properties');
  const seen = (await observe(target)).shares[target.name];
  return {
    properties: {
      description: asked.description ?? '',
      shareStatus: seen?.status ?? 'Unknown',
      // Recorded so, whatever was asked for [rec].
      monitoringStatus: 'Disabled',
      ...(asked.azureContainerInfo === undefined
        ? {}
        : { azureContainerInfo: asked.azureContainerInfo }),
      accessProtocol: asked.accessProtocol ?? 'SMB',
      userAccessRights: asked.userAccessRights ?? [],
      clientAccessRights: asked.clientAccessRights ?? [],
      refreshDetails: refreshDetails(target, seen),
      shareMappings: [],
      dataPolicy: policyOf(asked),
    },
    ...identity(target, 'dataBoxEdgeDevices/shares'),
  };
}

function refreshDetails(target: Existing<Ports>, seen: ObservedShare | undefined): JsonObject {
  if (seen === undefined) return {};
  const job = (name: string): string => `${target.root?.id ?? ''}/jobs/${name}`;
  return {
    ...(seen.refreshJob === undefined ? {} : { inProgressRefreshJobId: job(seen.refreshJob) }),
    ...(seen.lastRefreshAt === undefined
      ? {}
      : { lastCompletedRefreshJobTimeInUTC: formatInstant(seen.lastRefreshAt) }),
    ...(seen.lastRefreshJob === undefined ? {} : { lastJob: job(seen.lastRefreshJob) }),
  };
}
