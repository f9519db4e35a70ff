/**
 * Metrics of roles: the machine knows the names of the roles whose metrics are collected. Counters and targets stay in the
 * resource; no metric leaves the machine.
 * Sources: mon (appliance.md §15).
 */
import { seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import type { CommandOf } from './process.ts';
import { settingProcesses } from './settings.ts';

const MONITORING_CHANGE: readonly Stage[] = [
  { name: 'apply', lasts: [seconds(5), seconds(20)], source: '[ours] seconds to half a minute' },
];

export const { put: putMonitoring, remove: deleteMonitoring } = settingProcesses<
  CommandOf<'putMonitoring'>,
  CommandOf<'deleteMonitoring'>
>({
  list: 'monitoredRoles',
  kinds: { put: 'putMonitoring', remove: 'deleteMonitoring' },
  subject: 'monitoring',
  key: ['role'],
  noun: 'monitoring of the role',
  table: MONITORING_CHANGE,
  needsOf: ({ role }) => [`role/${role}`],
});
