/** The chapters about the cluster: the Kubernetes role, and its connection to Azure Arc. */
import { minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { textOf } from '../arm-client.ts';
import { byTime, type Guide } from '../guide.ts';
import type { Place } from '../place.ts';

/** The longest time that a cluster takes, according to the documents. */
const MAX_CREATION_TIME = minutes(30);

export async function createCluster(guide: Guide, { role }: Place): Promise<void> {
  await guide.chapter('A Kubernetes cluster');
  guide.screen.say(
    'The Kubernetes role is the cluster. Creating it takes 20 to 30 minutes: a master VM, a worker VM, control plane, network, load balancer, storage class. The clock runs fast; nothing is skipped.',
  );
  const operation = await guide.begin('PUT', role, {
    kind: 'Kubernetes',
    properties: {
      hostPlatform: 'Linux',
      kubernetesClusterInfo: { version: 'v1.17.3' },
      kubernetesRoleResources: { storage: { endpoints: [] }, compute: { vmProfile: 'DS1_v2' } },
      roleStatus: 'Enabled',
    },
  });
  await guide.follow(operation, async (passed) => {
    const { provisioningState, kubernetesClusterInfo } = await guide.properties(role);
    const nodes = (kubernetesClusterInfo as JsonObject | undefined)?.nodes;
    const count = Array.isArray(nodes) ? nodes.length : 0;
    return {
      label: `${textOf(provisioningState)}, ${count} ${count === 1 ? 'node' : 'nodes'}`,
      percent: byTime(passed, MAX_CREATION_TIME),
    };
  });
  showCluster(guide, await guide.properties(role));
}

function showCluster(guide: Guide, properties: JsonObject): void {
  const info = properties.kubernetesClusterInfo as JsonObject;
  const { compute, network } = properties.kubernetesRoleResources as Record<string, JsonObject>;
  const cni = network?.cniConfig as JsonObject;
  const balancer = network?.loadBalancerConfig as JsonObject;
  const nodes = (info.nodes as JsonObject[]).map((node) => {
    const [address] = node.ipConfiguration as JsonObject[];
    return `${textOf(node.name)} (${textOf(node.type)}, ${textOf(address?.ipAddress)})`;
  });
  const gib = Number(compute?.memoryInBytes) / 1024 ** 3;
  guide.screen.facts([
    [
      'Kubernetes',
      `${textOf(info.version)}: the version of the release, whatever the request says`,
    ],
    ['nodes', nodes.join(', ')],
    ['worker', `${textOf(compute?.processorCount)} vCPUs, ${gib} GiB`],
    ['network', `${textOf(cni.type)} ${textOf(cni.version)}, pods ${textOf(cni.podSubnet)}`],
    ['load balancer', `${textOf(balancer.type)} ${textOf(balancer.version)}`],
  ]);
}

export async function connectArc(guide: Guide, place: Place): Promise<void> {
  const { addon, connectedCluster } = place;
  await guide.chapter('Azure Arc');
  guide.screen.say(
    'An addon installs the Arc agents. A Microsoft.Kubernetes/connectedClusters resource appears beside the device, and the addon is ready after its first heartbeat.',
  );
  const operation = await guide.begin('PUT', addon, {
    kind: 'ArcForKubernetes',
    properties: {
      subscriptionId: place.subscription,
      resourceGroupName: place.groupName,
      resourceName: connectedCluster.split('/').at(-1) ?? '',
      resourceLocation: 'eastus',
    },
  });
  await guide.follow(operation, async (passed) => {
    const { connectivityStatus } = await guide.properties(connectedCluster);
    return {
      label: textOf(connectivityStatus ?? 'Registering'),
      percent: byTime(passed, minutes(6)),
    };
  });
  const { body } = await guide.call('GET', connectedCluster);
  const seen = body.properties as JsonObject;
  guide.screen.facts([
    ['connectivity', `${textOf(seen.connectivityStatus)}, agents ${textOf(seen.agentVersion)}`],
    [
      'counted',
      `${textOf(seen.totalNodeCount)} nodes, ${textOf(seen.totalCoreCount)} vCPUs, the master's included`,
    ],
  ]);
}
