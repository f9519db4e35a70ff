/** The chapter about a pulled uplink: the device, its alert, Arc and kubectl tell one story, `explain` says why, and all of it heals. */
import type { JsonObject } from '#shared/json.ts';
import { textOf } from '../arm-client.ts';
import type { Guide } from '../guide.ts';
import type { Place } from '../place.ts';
import { runJob } from './jobs.ts';
import { kubeClientOf, nodesSeenBy } from './nodes.ts';

export async function pullUplink(guide: Guide, place: Place): Promise<void> {
  const { device, connectedCluster } = place;
  await guide.chapter('A pulled uplink');
  guide.screen.say(
    'A fault cuts the device from Azure for two hours. Kubernetes goes on in its local network, as kubectl shows; Arc notices after 15 minutes without a heartbeat.',
  );
  await guide.call('POST', '/_edgetwin/faults', {
    body: { resource: device, kind: 'uplinkDown', for: 'PT2H' },
    status: 201,
  });
  await guide.jump('PT20M', 'Twenty minutes later.');
  const kube = await kubeClientOf(guide, device);
  try {
    guide.screen.facts(await seenOf(guide, place));
    guide.screen.facts(await nodesSeenBy(guide, kube));
    await guide.call('GET', `/_edgetwin/explain?resource=${connectedCluster}`);
    guide.screen.facts(await reasonsOf(guide, connectedCluster));
    await guide.jump('PT105M', 'Two hours and five minutes after the fault it has healed.');
    guide.screen.say(
      'A daily scan for updates that fell into those hours has failed, and says so until the next scan, so the device scans now.',
    );
    await runJob(guide, `${device}/scanForUpdates`);
    guide.screen.facts(await seenOf(guide, place));
    guide.screen.facts(await nodesSeenBy(guide, kube));
  } finally {
    kube.close();
  }
}

/** What is to be seen of the device, of its alerts and in Arc. */
async function seenOf(
  guide: Guide,
  { device, connectedCluster }: Place,
): Promise<[string, string][]> {
  const { dataBoxEdgeDeviceStatus } = await guide.properties(device);
  const { connectivityStatus } = await guide.properties(connectedCluster);
  const { body: nodes } = await guide.client.call('GET', `${device}/nodes`);
  const states = (nodes.value as JsonObject[]).map((node) =>
    textOf((node.properties as JsonObject).nodeStatus),
  );
  const { body } = await guide.client.call('GET', `${device}/alerts`);
  const titles = (body.value as JsonObject[])
    .map((alert) => alert.properties as JsonObject)
    .filter(({ severity }) => severity === 'Critical')
    .map(({ title }) => textOf(title));
  return [
    ['device', textOf(dataBoxEdgeDeviceStatus)],
    ['its nodes', states.join(', ')],
    ['alert', titles.join(' ') || 'none'],
    ['Arc', textOf(connectivityStatus)],
  ];
}

/** Why Arc shows what it shows, the beginning first. */
async function reasonsOf(guide: Guide, resource: string): Promise<[string, string][]> {
  const { body } = await guide.client.call('GET', `/_edgetwin/explain?resource=${resource}`);
  return (body.chain as JsonObject[])
    .toReversed()
    .map(({ at, story }) => [textOf(at).slice(11, 16), textOf(story)]);
}
