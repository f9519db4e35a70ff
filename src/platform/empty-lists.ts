/**
 * What clients read around a write and this service does not simulate: policies, deny assignments, eligible roles, features. Their
 * lists answer as those of a subscription that has none, so that a client goes on; a write of one is refused as unknown.
 */
import type { PlatformRoute } from '#arm/platform-route.ts';
import { SCOPE_PATHS } from '#arm/scopes.ts';

/** Types that are listed at every scope. */
const AUTHORIZATION = [
  ...['policyAssignments', 'policyExemptions', 'policyDefinitions', 'policySetDefinitions'],
  ...['denyAssignments', 'roleEligibilitySchedules', 'roleEligibilityScheduleInstances'],
  ...['roleAssignmentSchedules', 'roleAssignmentScheduleInstances', 'classicAdministrators'],
].map((type) => `Microsoft.Authorization/${type}`);

const emptyList = (path: string, type: string): PlatformRoute => ({
  method: 'GET',
  path,
  summary: `Lists ${type}: none, since they are not simulated.`,
  type,
  permission: 'read',
  carryOut: async () => Promise.resolve({ status: 200, body: { value: [] } }),
});

export function emptyListRoutes(): PlatformRoute[] {
  const subscription = '/subscriptions/:subscriptionId/providers/Microsoft.Features';
  return [
    ...SCOPE_PATHS.flatMap((scope) =>
      AUTHORIZATION.map((type) => emptyList(`${scope}/providers/${type}`, type)),
    ),
    ...SCOPE_PATHS.slice(2).map((scope) =>
      emptyList(
        `${scope}/providers/Microsoft.Insights/diagnosticSettings`,
        'Microsoft.Insights/diagnosticSettings',
      ),
    ),
    emptyList(`${subscription}/features`, 'Microsoft.Features/features'),
    emptyList(`${subscription}/providers/:namespace/features`, 'Microsoft.Features/features'),
  ];
}
