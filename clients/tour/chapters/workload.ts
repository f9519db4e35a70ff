/** The chapter inside the cluster: a deployment comes up, grows, gets an address, and goes, as kubectl would have it. */
import { minutes } from '#shared/instant.ts';
import { isJsonObject, type JsonObject } from '#shared/json.ts';
import { textOf, UnexpectedAnswer } from '../arm-client.ts';
import { byTime, type Guide } from '../guide.ts';
import type { KubeClient } from '../kube-client.ts';
import type { Place } from '../place.ts';
import { itemsOf, kubeClientOf, memberOf, nameOf, nodesSeenBy } from './nodes.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const SERVICES = '/api/v1/namespaces/default/services';
const PODS = '/api/v1/namespaces/default/pods';

/** The deployment of Microsoft's walk-through. */
const NGINX: JsonObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'nginx-deployment' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'nginx' } },
    template: {
      metadata: { labels: { app: 'nginx' } },
      spec: {
        containers: [{ name: 'nginx', image: 'nginx:1.7.9', ports: [{ containerPort: 80 }] }],
      },
    },
  },
};

const SERVICE: JsonObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'nginx' },
  spec: { type: 'LoadBalancer', selector: { app: 'nginx' }, ports: [{ port: 80 }] },
};

export async function useCluster(guide: Guide, { device }: Place): Promise<void> {
  await guide.chapter('Inside the cluster');
  guide.screen.say(
    'The cluster speaks the Kubernetes API: kubectl, Helm and client libraries work with the kubeconfig. These are the calls that kubectl makes; nothing runs in the pods, but they live as if.',
  );
  const kube = await kubeClientOf(guide, device);
  try {
    await tell(guide, kube);
  } finally {
    kube.close();
  }
}

async function tell(guide: Guide, kube: KubeClient): Promise<void> {
  const call = async (...[method, path, body]: Parameters<KubeClient['call']>) => {
    const reply = await kube.call(method, path, body);
    guide.screen.call(method, path, reply.status);
    if (reply.status >= 300) throw new UnexpectedAnswer(reply);
    return reply.body;
  };
  guide.screen.facts(await nodesSeenBy(guide, kube));
  await call('POST', DEPLOYMENTS, NGINX);
  await untilReady(guide, kube, 2);
  await call('PATCH', `${DEPLOYMENTS}/nginx-deployment/scale`, { spec: { replicas: 4 } });
  await untilReady(guide, kube, 4);
  const pods = itemsOf(await call('GET', `${PODS}?labelSelector=app%3Dnginx`));
  guide.screen.table(
    ['pod', 'phase', 'address'],
    pods.map((pod) => {
      const { phase, podIP } = memberOf(pod, 'status');
      return [nameOf(pod), textOf(phase), textOf(podIP)];
    }),
  );
  await call('POST', SERVICES, SERVICE);
  const service = await call('GET', `${SERVICES}/nginx`);
  const { ingress } = memberOf(memberOf(service, 'status'), 'loadBalancer');
  const [first] = Array.isArray(ingress) ? ingress : [];
  guide.screen.facts([['external address', isJsonObject(first) ? textOf(first.ip) : 'pending']]);
  await call('DELETE', `${SERVICES}/nginx`);
  await call('DELETE', `${DEPLOYMENTS}/nginx-deployment`);
}

/** Follows the deployment until that many of its pods are ready. */
async function untilReady(guide: Guide, kube: KubeClient, count: number): Promise<void> {
  await guide.watch(async (passed) => {
    const { body } = await kube.call('GET', `${DEPLOYMENTS}/nginx-deployment`);
    const ready = Number(memberOf(body, 'status').readyReplicas ?? 0);
    return {
      label: `${ready} of ${count} pods ready`,
      percent: Math.max((ready * 100) / count, byTime(passed, minutes(5))),
      isDone: ready === count,
    };
  });
}
