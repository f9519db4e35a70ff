/** How what is tiered was refreshed from the cloud: `refreshDetails` of shares and containers. */
import { named, object } from '#arm/schema.ts';
import { dateTime, mayText } from '#arm/shapes.ts';
import type { ObservedRefresh } from '#fleet/fleet.ts';
import { formatInstant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { deviceOf } from './machine.ts';
import type { Target } from './define.ts';

export const refreshDetails = object(
  {
    inProgressRefreshJobId: mayText(),
    lastCompletedRefreshJobTimeInUTC: mayText(dateTime),
    errorManifestFile: mayText(),
    lastJob: mayText(),
  },
  named('RefreshDetails'),
);

/** Empty where it never was [rec]. */
export function refreshDetailsView(target: Target, seen: ObservedRefresh | undefined): JsonObject {
  if (seen === undefined) return {};
  const job = (name: string): string => `${deviceOf(target).id}/jobs/${name}`;
  return {
    ...(seen.refreshJob === undefined ? {} : { inProgressRefreshJobId: job(seen.refreshJob) }),
    ...(seen.lastRefreshAt === undefined
      ? {}
      : { lastCompletedRefreshJobTimeInUTC: formatInstant(seen.lastRefreshAt) }),
    ...(seen.lastRefreshJob === undefined ? {} : { lastJob: job(seen.lastRefreshJob) }),
  };
}
