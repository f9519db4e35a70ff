/**
 * What the appliance installs into a cluster, by the part of its creation that brings it. Data and the objects made of it.
 * Sources: kubeadm manifests (kubernetes-facts.md 9.3); appliance.md 4.4, 6, 9. Which images a release carries is not documented; they are
 * those of the same months [U].
 */
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts';
import type { Container, Pod, PodSpec } from 'kubernetes-types/core/v1.d.ts';
import type { ClusterPart } from '../foundation.ts';
import { minorOf } from '../foundation.ts';
import { componentVersionsOf } from '../versions.ts';

export const SYSTEM = 'kube-system';
const DEVICE_NAMESPACE = 'dbe-namespace';

/** Namespaces of the system beside those of Kubernetes itself (rbac). */
export const SYSTEM_NAMESPACES = ['metallb-system', DEVICE_NAMESPACE, 'kubernetes-dashboard'];

const REGISTRY = 'registry.k8s.io';
/** From this minor version on the project's images lie in its new registry (kubeadm 1.25). */
const FIRST_NEW_REGISTRY = 25;

/** CoreDNS by the minor version from which on kubeadm deploys it. */
const CORE_DNS: readonly (readonly [minor: number, version: string])[] = [
  [27, 'v1.10.1'],
  [25, 'v1.9.3'],
  [23, 'v1.8.6'],
  [21, 'v1.8.0'],
  [19, '1.7.0'],
  [0, '1.6.5'],
];

export interface Workload {
  readonly name: string;
  readonly namespace: string;
  readonly part: ClusterPart;
  /** The label that selects its pods. */
  readonly label: readonly [key: string, value: string];
  /** `static`: on the master, read from a file; `daemon`: on every node; otherwise so many pods. */
  readonly replicas: number | 'static' | 'daemon';
  readonly image: string;
  readonly priority?: 'system-node-critical' | 'system-cluster-critical';
  readonly requests?: Readonly<Record<string, string>>;
  readonly isOnHost?: boolean;
}

/** Everything that is installed with that version of Kubernetes. */
export function workloadsOf(kubernetesVersion: string): readonly Workload[] {
  const version = /^v\d+\.\d+$/.test(kubernetesVersion)
    ? `${kubernetesVersion}.0`
    : kubernetesVersion;
  const minor = minorOf(version);
  const { etcd, calico, metallb } = componentVersionsOf(version);
  const registry = minor >= FIRST_NEW_REGISTRY ? REGISTRY : 'k8s.gcr.io';
  const coreDns = CORE_DNS.find(([from]) => from <= minor)?.[1] ?? '1.6.5';
  const dnsImage = minor >= 21 ? `${registry}/coredns/coredns` : `${registry}/coredns`;
  return [
    ...staticPods({ registry, version, etcd }),
    daemon('kube-proxy', SYSTEM, 'controlPlane', `${registry}/kube-proxy:${version}`),
    {
      name: 'coredns',
      namespace: SYSTEM,
      part: 'controlPlane',
      label: ['k8s-app', 'kube-dns'],
      replicas: 2,
      image: `${dnsImage}:${coreDns}`,
      priority: 'system-cluster-critical',
      requests: { cpu: '100m', memory: '70Mi' },
    },
    ...addedWorkloads({ registry, calico, metallb }),
  ];
}

/** What comes on top of Kubernetes itself. */
function addedWorkloads({
  registry,
  calico,
  metallb,
}: Readonly<Record<'registry' | 'calico' | 'metallb', string>>): Workload[] {
  return [
    daemon('calico-node', SYSTEM, 'network', `docker.io/calico/node:${calico}`),
    deployed(
      'calico-kube-controllers',
      SYSTEM,
      'network',
      `docker.io/calico/kube-controllers:${calico}`,
    ),
    {
      ...deployed(
        'controller',
        'metallb-system',
        'loadBalancer',
        `quay.io/metallb/controller:${metallb}`,
      ),
      label: ['app', 'metallb'],
    },
    {
      ...daemon('speaker', 'metallb-system', 'loadBalancer', `quay.io/metallb/speaker:${metallb}`),
      label: ['app', 'metallb'],
    },
    deployed(
      'local-path-provisioner',
      DEVICE_NAMESPACE,
      'storageClass',
      'docker.io/rancher/local-path-provisioner:v0.0.19',
    ),
    deployed(
      'metrics-server',
      SYSTEM,
      'systemComponents',
      `${registry}/metrics-server/metrics-server:v0.6.4`,
    ),
    deployed(
      'kubernetes-dashboard',
      'kubernetes-dashboard',
      'systemComponents',
      'docker.io/kubernetesui/dashboard:v2.7.0',
    ),
    deployed(
      'dashboard-metrics-scraper',
      'kubernetes-dashboard',
      'systemComponents',
      'docker.io/kubernetesui/metrics-scraper:v1.0.8',
    ),
  ];
}

function staticPods({
  registry,
  version,
  etcd,
}: Readonly<Record<'registry' | 'version' | 'etcd', string>>): Workload[] {
  const rows: readonly (readonly [string, string, string])[] = [
    ['etcd', `${registry}/etcd:${etcd}-0`, '100m'],
    ['kube-apiserver', `${registry}/kube-apiserver:${version}`, '250m'],
    ['kube-controller-manager', `${registry}/kube-controller-manager:${version}`, '200m'],
    ['kube-scheduler', `${registry}/kube-scheduler:${version}`, '100m'],
  ];
  return rows.map(([name, image, cpu]) => ({
    name,
    namespace: SYSTEM,
    part: 'controlPlane',
    label: ['component', name],
    replicas: 'static',
    image,
    priority: 'system-node-critical',
    requests: { cpu },
    isOnHost: true,
  }));
}

// eslint-disable-next-line max-params -- a row of the table above
const daemon = (name: string, namespace: string, part: ClusterPart, image: string): Workload => ({
  name,
  namespace,
  part,
  label: ['k8s-app', name],
  replicas: 'daemon',
  image,
  priority: 'system-node-critical',
  isOnHost: true,
});

// eslint-disable-next-line max-params -- a row of the table above
const deployed = (name: string, namespace: string, part: ClusterPart, image: string): Workload => ({
  name,
  namespace,
  part,
  label: ['k8s-app', name],
  replicas: 1,
  image,
  ...(namespace === SYSTEM ? { priority: 'system-cluster-critical' } : {}),
});

/** Labels of its pods. */
function labelsOfWorkload({ name, label, replicas }: Workload): Record<string, string> {
  const [key, value] = label;
  return {
    [key]: value,
    ...(replicas === 'static' ? { tier: 'control-plane' } : {}),
    ...(value === 'metallb' ? { component: name } : {}),
  };
}

function podSpecOf(workload: Workload): PodSpec {
  const { name, image, requests, priority, isOnHost, replicas } = workload;
  const container: Container = {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    ...(requests === undefined ? {} : { resources: { requests: { ...requests } } }),
  };
  const everywhere = [
    { operator: 'Exists', effect: 'NoExecute' },
    { operator: 'Exists', effect: 'NoSchedule' },
  ];
  return {
    containers: [container],
    ...(priority === undefined ? {} : { priorityClassName: priority }),
    ...(isOnHost === true ? { hostNetwork: true } : {}),
    ...(replicas === 'static' ? {} : { serviceAccountName: name }),
    tolerations:
      typeof replicas === 'number'
        ? [
            { key: 'CriticalAddonsOnly', operator: 'Exists' },
            { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
            { key: 'node-role.kubernetes.io/master', effect: 'NoSchedule' },
          ]
        : everywhere,
  };
}

export function deploymentOf(workload: Workload): Deployment {
  const labels = labelsOfWorkload(workload);
  const { name, namespace, replicas } = workload;
  return {
    metadata: { name, namespace, labels },
    spec: {
      replicas: replicas as number,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpecOf(workload) },
    },
  };
}

/** The pod of a static or daemon workload on a node. */
export function podOf(workload: Workload, node: string): Pod {
  const { name, namespace, replicas } = workload;
  return {
    metadata: {
      ...(replicas === 'static' ? { name: `${name}-${node}` } : { generateName: `${name}-` }),
      namespace,
      labels: labelsOfWorkload(workload),
    },
    spec: { ...podSpecOf(workload), nodeName: node },
  };
}
