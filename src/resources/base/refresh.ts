/** How what is tiered was refreshed from the cloud: `refreshDetails` of shares and containers. */
import { named, object } from '#arm/schema.ts';
import { dateTime, optionalString } from '#arm/shapes.ts';
import type { Shown } from '#arm/schema-types.ts';
import type { ObservedRefresh } from '#fleet/fleet.ts';
import { formatInstant } from '#shared/instant.ts';
import { deviceOf } from './machine.ts';
import type { Target } from './define.ts';

export const refreshDetails = object(
  {
    inProgressRefreshJobId: optionalString(),
    lastCompletedRefreshJobTimeInUTC: optionalString(dateTime),
    errorManifestFile: optionalString(),
    lastJob: optionalString(),
  },
  named('RefreshDetails'),
);

/** Empty where it never was [rec]. */
export function refreshDetailsView(
  target: Target,
  seen: ObservedRefresh | undefined,
): Shown<typeof refreshDetails> {
  const jobId = (name: string): string => `${deviceOf(target).id}/jobs/${name}`;
  const { refreshJob, lastRefreshAt, lastRefreshJob } = seen ?? {};
  return {
    inProgressRefreshJobId: refreshJob && jobId(refreshJob),
    lastCompletedRefreshJobTimeInUTC: formatInstant(lastRefreshAt),
    lastJob: lastRefreshJob && jobId(lastRefreshJob),
  };
}
