/**
 * operationsStatus/{name}: the status of any long-running operation below a device; for a job, the job itself [rec 13].
 * A poll URL: the service's own old api-versions are taken too.
 */
import { defineResource, type Target } from '#arm/resource-type.ts';
import { operationStatus } from '#arm/polling.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { assert } from '#shared/assert.ts';
import type { JsonObject } from '#shared/json.ts';
import { jobSchema } from './base/job-schema.ts';
import { jobView } from './base/job-view.ts';
import { deviceOf } from './base/machine.ts';
import type { Ports } from './base/ports.ts';

export const operationsStatus = defineResource<Ports>({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/operationsStatus',
  nameParameter: 'name',
  isPollTarget: true,
  versions: DATA_BOX_EDGE_VERSIONS,
  schema: jobSchema,
  operations: { get: { id: 'OperationsStatus_Get' } },
  find,
  view: async () => {
    assert(false, 'operations are not resources of the store');
  },
});

async function find(target: Target<Ports>): Promise<JsonObject | undefined> {
  const job = await jobView(target, 'operationsStatus');
  if (job !== undefined) return job;
  const operation = await target.ports.findOperation(target.name);
  return operation?.resourceKey.startsWith(deviceOf(target).key) === true
    ? operationStatus(operation)
    : undefined;
}
