/** The routes of the monitor, which `app.ts` passes to the platform's door. */
import type { PlatformRoute } from '#arm/platform-route.ts';
import { activityLogRoutes } from './activity-log.ts';
import { diagnosticSettingRoutes } from './diagnostic-settings.ts';
import { metricRoutes } from './metrics.ts';
import type { MonitorParts } from './parts.ts';
import { resourceHealthRoutes } from './resource-health.ts';

export const monitorRoutes = (parts: MonitorParts): PlatformRoute[] => [
  ...activityLogRoutes(parts),
  ...diagnosticSettingRoutes(parts),
  ...metricRoutes(parts),
  ...resourceHealthRoutes(parts),
];
