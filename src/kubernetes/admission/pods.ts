/**
 * What new pods get: a service account with its token, a priority, tolerations for lost nodes.
 * Sources: plugin/pkg/admission/{serviceaccount,priority,defaulttolerationseconds} (kubernetes-facts.md 1.5).
 */
import type {
  Container,
  Pod,
  PodSpec,
  ServiceAccount,
  Toleration,
  Volume,
} from 'kubernetes-types/core/v1.d.ts';
import { PODS } from '../kinds/pods.ts';
import { SERVICE_ACCOUNTS } from '../kinds/serviceaccounts.ts';
import { annotationsOf, type KubeObject, nameOf, namespaceOf } from '../objects/object.ts';
import { forbidden } from '../status.ts';
import { drawSuffix, type World } from '../world.ts';
import { withPriority } from './priority.ts';

/** A pod that a node's kubelet reads from a file; the API only mirrors it. */
const MIRROR = 'kubernetes.io/config.mirror';
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
/** An hour and the seconds by which it is told from tokens that ask for an hour themselves (serviceaccount/admission.go). */
const TOKEN_SECONDS = 3607;
const TOKEN_MODE = 0o644;
const LOST_NODE_SECONDS = 300;

export function admitPod(world: World, object: KubeObject): Pod {
  const pod = object as Pod;
  const { spec } = pod;
  if (spec === undefined) return pod;
  const isMirror = annotationsOf(pod)[MIRROR] !== undefined;
  const withAccount = isMirror ? spec : accountOf(world, pod, spec);
  const prioritised = withPriority(world, pod, withAccount);
  return { ...pod, spec: { ...prioritised, tolerations: tolerationsOf(prioritised) } };
}

/** The service account's name, its pull secrets and its token. */
function accountOf(world: World, pod: Pod, spec: PodSpec): PodSpec {
  const name = spec.serviceAccountName ?? 'default';
  const namespace = namespaceOf(pod);
  const account = world.store.get(SERVICE_ACCOUNTS, namespace, name)?.object as
    | ServiceAccount
    | undefined;
  if (account === undefined) {
    throw forbidden(PODS, nameOf(pod), {
      why: `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`,
    });
  }
  const named: PodSpec = { ...spec, serviceAccountName: name, serviceAccount: name };
  const secrets = spec.imagePullSecrets ?? account.imagePullSecrets;
  const pulling = secrets === undefined ? named : { ...named, imagePullSecrets: secrets };
  const mounts = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  return mounts ? withToken(world, pulling) : pulling;
}

function withToken(world: World, spec: PodSpec): PodSpec {
  const lacks = (container: Container): boolean =>
    !(container.volumeMounts ?? []).some(({ mountPath }) => mountPath === TOKEN_PATH);
  if (![...spec.containers, ...(spec.initContainers ?? [])].some(lacks)) return spec;
  const name = `kube-api-access-${drawSuffix(world, 5, 'token')}`;
  const volume: Volume = {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [
              {
                path: 'namespace',
                fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' },
              },
            ],
          },
        },
      ],
      defaultMode: TOKEN_MODE,
    },
  };
  const mounted = (containers: readonly Container[]): Container[] =>
    containers.map((container) =>
      lacks(container)
        ? {
            ...container,
            volumeMounts: [
              ...(container.volumeMounts ?? []),
              { name, readOnly: true, mountPath: TOKEN_PATH },
            ],
          }
        : container,
    );
  return {
    ...spec,
    containers: mounted(spec.containers),
    ...(spec.initContainers === undefined ? {} : { initContainers: mounted(spec.initContainers) }),
    volumes: [...(spec.volumes ?? []), volume],
  };
}

/** A pod stays for a while on a node that is lost, unless it says otherwise. */
function tolerationsOf({ tolerations = [] }: PodSpec): Toleration[] {
  const missing = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter(
    (key) =>
      !tolerations.some(
        (one) =>
          (one.key === key || (one.key ?? '') === '') &&
          (one.effect === 'NoExecute' || (one.effect ?? '') === ''),
      ),
  );
  return [
    ...tolerations,
    ...missing.map((key) => ({
      key,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: LOST_NODE_SECONDS,
    })),
  ] as Toleration[];
}
