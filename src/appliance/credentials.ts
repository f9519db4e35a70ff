/**
 * Storage account credentials: the machine knows their names only. Keys stay in the resource, and no storage account in
 * Azure is contacted.
 * Sources: shares, sa (appliance.md §7.1, §7.3).
 */
import { seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import type { CommandOf } from './process.ts';
import { settingProcesses } from './settings.ts';

const CREDENTIAL_CHANGE: readonly Stage[] = [
  { name: 'apply', lasts: [seconds(5), seconds(20)], source: '[ours] seconds to half a minute' },
];

export const { put: putCredential, remove: deleteCredential } = settingProcesses<
  CommandOf<'putCredential'>,
  CommandOf<'deleteCredential'>
>({
  list: 'credentials',
  kinds: { put: 'putCredential', remove: 'deleteCredential' },
  subject: 'storageAccountCredential',
  key: ['credential'],
  noun: 'storage account credential',
  table: CREDENTIAL_CHANGE,
  isEncrypted: true,
  asNeed: (name) => `credential/${name}`,
});
