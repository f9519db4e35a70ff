/** The smallest object of each kind that the cluster serves. */
import type { Kind } from '#kubernetes/kinds/kind.ts';

/** What an object of a kind needs besides its name. */
const BODIES: Readonly<Record<string, object>> = {
  Pod: { spec: { containers: [{ name: 'a', image: 'nginx' }] } },
  Deployment: workload(),
  ReplicaSet: workload(),
  Job: {
    spec: {
      suspend: true,
      template: {
        spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'busybox' }] },
      },
    },
  },
  Service: { spec: { ports: [{ port: 80 }] } },
  EndpointSlice: { addressType: 'IPv4', endpoints: [] },
  Event: { involvedObject: { namespace: 'default' }, metadata: {} },
  ControllerRevision: { revision: 1 },
  PriorityClass: { value: 5 },
  LimitRange: { spec: { limits: [{ type: 'Container', max: { cpu: '100' } }] } },
  ResourceQuota: { spec: { hard: { 'count/jobs.batch': '1' } } },
  StorageClass: { provisioner: 'example.com/x' },
  PersistentVolume: {
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: '/x' },
    },
  },
  PersistentVolumeClaim: {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
  RoleBinding: {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
  },
  ClusterRoleBinding: {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
  },
};

function workload(): object {
  return {
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'x' } },
      template: {
        metadata: { labels: { app: 'x' } },
        spec: { containers: [{ name: 'a', image: 'nginx' }] },
      },
    },
  };
}

/** By kind and version, where a kind of that name has another shape. */
const OTHER_BODIES: Readonly<Record<string, object>> = {
  'events.k8s.io/v1 Event': {
    eventTime: '2026-03-02T09:00:00.000000Z',
    reportingController: 'example.com/probe',
    reportingInstance: 'probe-1',
    action: 'Probing',
    reason: 'Probed',
    type: 'Normal',
    note: 'A probe.',
    regarding: { namespace: 'default' },
  },
};

export interface ExampleObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** An object named `probe`, in the namespace `default` where its kind has one. */
export const exampleOf = (kind: Kind): ExampleObject => ({
  ...(OTHER_BODIES[`${kind.apiVersion} ${kind.kind}`] ?? BODIES[kind.kind]),
  apiVersion: kind.apiVersion,
  kind: kind.kind,
  metadata: { name: 'probe', ...(kind.isNamespaced ? { namespace: 'default' } : {}) },
});
