/**
 * storageAccounts/containers: made on the device and, where the account tiers, in Azure too. Refresh is a job of the
 * machine.
 * Sources: sa, shares, limits (appliance.md §7.3, §18), [rec] for the defaults of a GET, [rec 14] for refresh.
 */
import { named, object, oneOf } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { dateTime, readOnly, readOnlyEnum, readOnlyString } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { Fault } from '#shared/failure.ts';
import { formatInstant } from '#shared/instant.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { identity, machineStep, observe, parentNameOf } from './base/machine.ts';
import { defineResource, type Existing, type Target } from './base/define.ts';
import { refreshDetails, refreshDetailsView } from './base/refresh.ts';

const properties = object(
  {
    containerStatus: readOnlyEnum(
      ['OK', 'Offline', 'Unknown', 'Updating', 'NeedsAttention'],
      named('ContainerStatus'),
    ),
    dataFormat: oneOf(['BlockBlob', 'PageBlob', 'AzureFile'], named('AzureContainerDataFormat')),
    refreshDetails: readOnly(refreshDetails),
    createdDateTime: readOnlyString(dateTime),
  },
  named('ContainerProperties'),
);

const schema = object(
  { ...envelope, systemData: systemDataSince('2020-09-01'), properties },
  named('Container'),
);

type Container = Accepted<typeof schema>;

export const containers = defineResource({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/storageAccounts/containers',
  nameParameter: 'containerName',
  versions: DATA_BOX_EDGE_VERSIONS,
  nameFault,
  schema,
  operations: {
    list: { id: 'Containers_ListByStorageAccount' },
    get: { id: 'Containers_Get' },
    put: { id: 'Containers_CreateOrUpdate', plan: planPut },
    delete: { id: 'Containers_Delete', plan: planDelete, published: { statuses: [202, 204] } },
    actions: {
      refresh: { id: 'Containers_Refresh', style: 'job', plan: planRefresh },
    },
  },
  check,
  view,
});

/** 3–63 lower-case letters, digits and single hyphens, a letter or digit at both ends (limits). */
function nameFault(name: string): string | undefined {
  return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) && name.length >= 3 && name.length <= 63
    ? undefined
    : 'a container name has 3 to 63 lower-case letters, digits and single hyphens, and begins and ends with a letter or digit.';
}

/** How data lies in a container does not change `[ours]`. */
async function check(target: Target<Container>, body: Container): Promise<readonly Fault[]> {
  const old = target.resource?.body;
  return old === undefined || formatIn(old) === formatIn(body)
    ? []
    : [
        {
          target: 'properties.dataFormat',
          message: 'The data format of a container cannot change; delete it and create another.',
        },
      ];
}

const formatIn = ({ properties }: Container) => properties.dataFormat;

/** What the machine calls the container and its account. */
const namesOf = async (target: Target) => ({
  account: await parentNameOf(target),
  container: target.name,
});

async function planPut(target: Target) {
  return [machineStep(target, { kind: 'putContainer', ...(await namesOf(target)) })];
}

async function planDelete(target: Existing) {
  return [machineStep(target, { kind: 'deleteContainer', ...(await namesOf(target)) })];
}

/** The job has the operation's id. */
async function planRefresh(target: Existing, _body: unknown, operationId: string) {
  const names = await namesOf(target);
  return [machineStep(target, { kind: 'refreshContainer', ...names, job: operationId })];
}

async function view(target: Existing<Container>): Promise<Shown<typeof schema>> {
  const { account, container } = await namesOf(target);
  const seen = (await observe(target)).storageAccounts[account]?.containers[container];
  return {
    properties: {
      containerStatus: seen?.status ?? 'Unknown',
      dataFormat: formatIn(target.resource.body),
      refreshDetails: refreshDetailsView(target, seen),
      createdDateTime: formatInstant(seen?.createdAt ?? target.resource.createdAt),
    },
    ...identity(target, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/storageAccounts/containers'),
  };
}
