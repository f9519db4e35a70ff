/**
 * Which versions of etcd, Calico and MetalLB belong to which version of Kubernetes. Which Kubernetes a device release
 * installs is known to the appliance.
 * Sources: no document states these versions [NF, appliance.md §20.2]. etcd is the version that kubeadm of that minor
 * version deploys; Calico and MetalLB are releases of the same months [U]. One fixed set for each minor version is
 * `[ours]`: clients see some version, and it should fit its Kubernetes.
 */

export interface ComponentVersions {
  readonly etcd: string;
  readonly calico: string;
  readonly metallb: string;
}

const OLDEST: ComponentVersions = { etcd: '3.4.3', calico: 'v3.11.3', metallb: 'v0.9.3' };

/**
 * Versions by the minor version of Kubernetes 1.x from which on they apply, the newest first. Before all of them, `OLDEST`
 * applies.
 */
const VERSIONS_BY_MINOR: readonly (readonly [from: number, versions: ComponentVersions])[] = [
  [28, { etcd: '3.5.10', calico: 'v3.27.0', metallb: 'v0.14.3' }],
  [27, { etcd: '3.5.9', calico: 'v3.26.4', metallb: 'v0.13.12' }],
  [26, { etcd: '3.5.6', calico: 'v3.25.2', metallb: 'v0.13.9' }],
  [25, { etcd: '3.5.6', calico: 'v3.24.5', metallb: 'v0.13.7' }],
  [22, { etcd: '3.5.0', calico: 'v3.21.4', metallb: 'v0.11.0' }],
  [20, { etcd: '3.4.13', calico: 'v3.17.1', metallb: 'v0.9.5' }],
];

/**
 * The components of `kubernetesVersion`, such as `v1.25.5`. A version between two known ones has the components of the
 * older one.
 */
export function componentVersionsOf(kubernetesVersion: string): ComponentVersions {
  const minor = Number(/^v?1\.(\d+)/.exec(kubernetesVersion)?.[1] ?? 0);
  return VERSIONS_BY_MINOR.find(([from]) => from <= minor)?.[1] ?? OLDEST;
}
