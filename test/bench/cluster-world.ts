/** Devices with clusters for the bench, and what a client needs to talk to them. */
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';
import type { TlsIdentity } from './load.ts';
import { deviceName, deviceUrl, forEach, makeGroup, send } from './world.ts';

const ROLE = {
  kind: 'Kubernetes',
  properties: {
    hostPlatform: 'Linux',
    kubernetesClusterInfo: { version: 'v1.17.3' },
    kubernetesRoleResources: { storage: { endpoints: [] }, compute: { vmProfile: 'DS1_v2' } },
    roleStatus: 'Enabled',
  },
};

/** The administrator of a cluster. */
export interface BenchCluster {
  readonly origin: string;
  /** What stands before the paths of the cluster: `/clusters/…`. */
  readonly base: string;
  readonly tls: TlsIdentity;
}

/** Gives each of the first `count` devices of a group a Kubernetes role, and waits until the clusters stand. */
export async function addClusters(origin: string, group: string, count: number): Promise<void> {
  await forEach(count, async (index) => {
    const url = deviceUrl(origin, group, `${deviceName(index)}/roles/kubernetesRole`);
    await send('PUT', url, ROLE);
  });
  await send('POST', `${origin}/_edgetwin/clock/advance`, { duration: 'PT60M' });
}

/** Makes a group of active devices with a cluster each. */
export async function makeClusters(origin: string, group: string, count: number): Promise<void> {
  await makeGroup(origin, group, count);
  await addClusters(origin, group, count);
}

/** Fetches the administrator's kubeconfig, which opens the cluster. */
export async function openCluster(
  origin: string,
  group: string,
  index: number,
): Promise<BenchCluster> {
  const id = deviceUrl('http://x', group, deviceName(index)).pathname;
  const url = `${origin}/_edgetwin/appliances/kubeconfig?resource=${encodeURIComponent(id)}`;
  const config = parse(await (await send('GET', url)).text()) as {
    clusters: [{ cluster: { server: string } }];
    users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
  };
  const [{ cluster }] = config.clusters;
  const [{ user }] = config.users;
  const plain = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');
  return {
    origin,
    base: new URL(cluster.server).pathname,
    tls: {
      cert: plain(user['client-certificate-data']),
      key: plain(user['client-key-data']),
    },
  };
}

/** A small pod, as people apply them. */
export const podNamed = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: 'web', tier: 'front' } },
  spec: {
    containers: [
      {
        name: 'web',
        image: 'nginx:1.25',
        ports: [{ containerPort: 80 }],
        resources: { requests: { cpu: '1m', memory: '1Mi' } },
      },
    ],
  },
});

/** So many of them, as people deploy them. */
export const deploymentNamed = (name: string, replicas: number): object => {
  const { metadata, spec } = podNamed(name) as { metadata: { labels: object }; spec: object };
  const { labels } = metadata;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
};

/** What a cluster has answered, in the form in which the peer sends it. */
export interface Told {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One call on a connection of its own; any refusal ends the bench. */
export async function ask(
  { origin, base, tls }: BenchCluster,
  method: string,
  path: string,
  body?: object,
): Promise<Told> {
  return await new Promise((resolve, reject) => {
    const type = { 'content-type': 'application/json' };
    const url = origin.replace(/^http:/, 'https:') + base + path;
    const sent = request(
      url,
      { method, ...tls, rejectUnauthorized: false, headers: body === undefined ? {} : type },
      (response) => {
        const { statusCode = 0, headers } = response;
        text(response).then((said) => {
          if (statusCode >= 400) reject(new Error(`${method} ${url}: ${statusCode} ${said}`));
          const { 'content-type': contentType = '', 'cache-control': caching = '' } = headers;
          resolve({
            headers: { 'content-type': contentType, 'cache-control': caching },
            body: said,
          });
        }, reject);
      },
    );
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
