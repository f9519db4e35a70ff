/** jobs/{name}: what a machine is doing or has done: scans, downloads, installs, refreshes. Read only; there is no list. */
import { defineResource } from '#arm/resource-type.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { assert } from '#shared/assert.ts';
import { jobView } from './base/job-view.ts';
import { jobSchema } from './base/job-schema.ts';
import type { Ports } from './base/ports.ts';

export const jobs = defineResource<Ports>({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/jobs',
  nameParameter: 'name',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema: jobSchema,
  operations: { get: { id: 'Jobs_Get' } },
  find: async (target) => await jobView(target, 'jobs'),
  view: async () => {
    assert(false, 'jobs are found on the machine, not in the store');
  },
});
