/**
 * operationsStatus/{name}: the status of any long-running operation below a device; for a job, the job itself [rec 13].
 * A poll URL: the service's own old api-versions are taken too.
 */
import { defineResource, type Target } from '#arm/resource-type.ts';
import { operationStatus } from '#arm/polling.ts';
import { isWithin, resourceIdOf, rootKeyOf } from '#shared/arm-id.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { assert } from '#shared/assert.ts';
import type { JsonObject } from '#shared/json.ts';
import { jobSchema } from './base/job-schema.ts';
import { jobView } from './base/job-view.ts';
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

/** The device may be gone: its removal is an operation too. */
async function find(target: Target<Ports>): Promise<JsonObject | undefined> {
  const job = target.root === undefined ? undefined : await jobView(target, 'operationsStatus');
  if (job !== undefined) return job;
  const operation = await target.ports.findOperation(target.name);
  const device = rootKeyOf(resourceIdOf(target.key));
  return operation !== undefined && isWithin(operation.resourceKey, device)
    ? operationStatus(operation)
    : undefined;
}
