/**
 * operationsStatus/{name}: the status of any long-running operation below a device; for a job, the job itself [rec 13].
 * A poll URL: the service's own old api-versions are taken too.
 */
import { operationStatus } from '#arm/polling.ts';
import { isWithin, resourceIdOf, rootKeyOf } from '#shared/arm-id.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { jobSchema } from './base/job-schema.ts';
import { type JobView, jobView } from './base/job-view.ts';
import { defineObserved, type ObservedTarget, type Target } from './base/define.ts';

export const operationsStatus = defineObserved({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/operationsStatus',
  nameParameter: 'name',
  isPollTarget: true,
  versions: DATA_BOX_EDGE_VERSIONS,
  schema: jobSchema,
  operations: { get: { id: 'OperationsStatus_Get' } },
  find,
  findWithoutDevice: statusOf,
});

async function find(target: ObservedTarget): Promise<JobView | undefined> {
  return (await jobView(target, 'operationsStatus')) ?? (await statusOf(target));
}

/** The status of an operation below the device of the target, whether or not the device still exists. */
async function statusOf(target: Target): Promise<JobView | undefined> {
  const operation = await target.ports.findOperation(target.name);
  const device = rootKeyOf(resourceIdOf(target.key));
  return operation !== undefined && isWithin(operation.resourceKey, device)
    ? operationStatus(operation)
    : undefined;
}
