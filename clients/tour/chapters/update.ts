/** The chapter about an update: scan, download, install, each a job of the machine with its progress. */
import type { JsonObject } from '#shared/json.ts';
import { textOf } from '../arm-client.ts';
import type { Guide } from '../guide.ts';
import type { Place } from '../place.ts';
import { runJob } from './jobs.ts';

export async function updateDevice(guide: Guide, { device, role }: Place): Promise<void> {
  await guide.chapter('An update');
  guide.screen.say(
    'Scan, download, install: three jobs. The installation restarts one node after the other and then upgrades the cluster; meanwhile the device is in Maintenance.',
  );
  const before = await versionsOf(guide, device, role);
  await runJob(guide, `${device}/scanForUpdates`);
  const { updateTitles } = await guide.properties(`${device}/updateSummary/default`);
  guide.screen.facts((updateTitles as string[]).map((title) => ['offered', title]));
  await runJob(guide, `${device}/downloadUpdates`);
  guide.screen.jump('An installation takes hours: the clock is advanced, five minutes at a time.');
  await runJob(guide, `${device}/installUpdates`, { step: 'PT5M' });
  const after = await versionsOf(guide, device, role);
  guide.screen.facts([
    ['software', `${before.software} → ${after.software}`],
    ['Kubernetes', `${before.kubernetes} → ${after.kubernetes}`],
  ]);
}

async function versionsOf(
  guide: Guide,
  device: string,
  role: string,
): Promise<{ software: string; kubernetes: string }> {
  const { deviceSoftwareVersion } = await guide.properties(device);
  const { kubernetesClusterInfo } = await guide.properties(role);
  return {
    software: textOf(deviceSoftwareVersion),
    kubernetes: textOf((kubernetesClusterInfo as JsonObject).version),
  };
}
