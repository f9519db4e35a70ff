/**
 * Which etcd, Calico and MetalLB come with which Kubernetes. Called by `cluster.ts`. Never knows device releases: which
 * Kubernetes a release brings is the appliance's knowledge.
 * Sources: no document prints these versions [NF, appliance.md §20.2]. etcd is what kubeadm of that minor version
 * deploys; Calico and MetalLB are releases of the same months [U]. `[ours]`: one fixed set a minor version, because
 * a client must see some version and it should fit its Kubernetes.
 */

export interface ComponentVersions {
  readonly etcd: string;
  readonly calico: string;
  readonly metallb: string;
}

const OLDEST: ComponentVersions = { etcd: '3.4.3', calico: 'v3.11.3', metallb: 'v0.9.3' };

/** From which minor version of Kubernetes 1.x on, newest first; before them all, the oldest. */
const VERSIONS_BY_MINOR: readonly (readonly [from: number, versions: ComponentVersions])[] = [
  [28, { etcd: '3.5.10', calico: 'v3.27.0', metallb: 'v0.14.3' }],
  [27, { etcd: '3.5.9', calico: 'v3.26.4', metallb: 'v0.13.12' }],
  [26, { etcd: '3.5.6', calico: 'v3.25.2', metallb: 'v0.13.9' }],
  [25, { etcd: '3.5.6', calico: 'v3.24.5', metallb: 'v0.13.7' }],
  [22, { etcd: '3.5.0', calico: 'v3.21.4', metallb: 'v0.11.0' }],
  [20, { etcd: '3.4.13', calico: 'v3.17.1', metallb: 'v0.9.5' }],
];

/** The components of `kubernetesVersion`, such as `v1.25.5`; of a version between two known ones, those of the older. */
export function componentVersionsOf(kubernetesVersion: string): ComponentVersions {
  const minor = Number(/^v?1\.(\d+)/.exec(kubernetesVersion)?.[1] ?? 0);
  return VERSIONS_BY_MINOR.find(([from]) => from <= minor)?.[1] ?? OLDEST;
}
