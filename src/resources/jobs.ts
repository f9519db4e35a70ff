/** jobs/{name}: what a machine is doing or has done: scans, downloads, installs, refreshes. Read only; there is no list. */
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { jobView } from './base/job-view.ts';
import { jobSchema } from './base/job-schema.ts';
import { defineObserved } from './base/define.ts';

export const jobs = defineObserved({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/jobs',
  nameParameter: 'name',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema: jobSchema,
  operations: { get: { id: 'Jobs_Get' } },
  find: async (target) => await jobView(target, 'jobs'),
});
