/**
 * Defaults of pod specs, of pods and of the templates inside workloads.
 * Sources: core/v1/defaults.go, zz_generated.defaults.go (kubernetes-facts.md 1.1).
 */
import type {
  Container,
  ContainerPort,
  PodSpec,
  Probe,
  Volume,
} from 'kubernetes-types/core/v1.d.ts';

import { maybe } from '../objects/object.ts';

/** Tag `latest`, or none, without a digest: it may change behind its name. */
function hasMovingTag(image: string): boolean {
  if (image.includes('@')) return false;
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest';
}

export function podSpecDefaults(spec: PodSpec, { isPod }: { readonly isPod: boolean }): PodSpec {
  const { hostNetwork = false } = spec;
  const containers = (list: readonly Container[]): Container[] =>
    list.map((container) => containerDefaults(container, { isPod, hostNetwork }));
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    ...(isPod ? { enableServiceLinks: true } : {}),
    ...spec,
    ...(spec.serviceAccountName === undefined ? {} : { serviceAccount: spec.serviceAccountName }),
    containers: containers(maybe(spec.containers) ?? []),
    ...(spec.initContainers === undefined
      ? {}
      : { initContainers: containers(spec.initContainers) }),
    ...(spec.volumes === undefined ? {} : { volumes: spec.volumes.map(volumeDefaults) }),
  };
}

function containerDefaults(
  container: Container,
  { isPod, hostNetwork }: { readonly isPod: boolean; readonly hostNetwork: boolean },
): Container {
  const { ports, resources = {}, image = '' } = container;
  const limits = isPod ? resources.limits : undefined;
  const probes = Object.fromEntries(
    (['livenessProbe', 'readinessProbe', 'startupProbe'] as const).flatMap((name) => {
      const probe = container[name];
      return probe === undefined ? [] : [[name, probeDefaults(probe)]];
    }),
  );
  return {
    ...container,
    resources:
      limits === undefined
        ? resources
        : { ...resources, requests: { ...limits, ...resources.requests } },
    terminationMessagePath: container.terminationMessagePath ?? '/dev/termination-log',
    terminationMessagePolicy: container.terminationMessagePolicy ?? 'File',
    imagePullPolicy: container.imagePullPolicy ?? (hasMovingTag(image) ? 'Always' : 'IfNotPresent'),
    ...(ports === undefined
      ? {}
      : { ports: ports.map((port) => portDefaults(port, isPod && hostNetwork)) }),
    ...(container.env === undefined ? {} : { env: container.env.map(envDefaults) }),
    ...probes,
  };
}

function portDefaults(port: ContainerPort, isOnHost: boolean): ContainerPort {
  return {
    ...port,
    protocol: port.protocol ?? 'TCP',
    ...(isOnHost && port.hostPort === undefined ? { hostPort: port.containerPort } : {}),
  };
}

type EnvVar = NonNullable<Container['env']>[number];

function envDefaults(variable: EnvVar): EnvVar {
  const { valueFrom } = variable;
  return valueFrom?.fieldRef === undefined
    ? variable
    : {
        ...variable,
        valueFrom: { ...valueFrom, fieldRef: { apiVersion: 'v1', ...valueFrom.fieldRef } },
      };
}

function probeDefaults(probe: Probe): Probe {
  const { httpGet, grpc } = probe;
  return {
    ...probe,
    timeoutSeconds: probe.timeoutSeconds ?? 1,
    periodSeconds: probe.periodSeconds ?? 10,
    successThreshold: probe.successThreshold ?? 1,
    failureThreshold: probe.failureThreshold ?? 3,
    ...(httpGet === undefined ? {} : { httpGet: { path: '/', scheme: 'HTTP', ...httpGet } }),
    ...(grpc === undefined ? {} : { grpc: { service: '', ...grpc } }),
  };
}

const DEFAULT_MODE = 0o644;
const TOKEN_SECONDS = 3600;

function volumeDefaults(volume: Volume): Volume {
  const { secret, configMap, downwardAPI, projected, hostPath } = volume;
  if (Object.keys(volume).length === 1) return { ...volume, emptyDir: {} };
  return {
    ...volume,
    ...(secret === undefined ? {} : { secret: { defaultMode: DEFAULT_MODE, ...secret } }),
    ...(configMap === undefined ? {} : { configMap: { defaultMode: DEFAULT_MODE, ...configMap } }),
    ...(downwardAPI === undefined
      ? {}
      : { downwardAPI: { defaultMode: DEFAULT_MODE, ...downwardAPI } }),
    ...(hostPath === undefined ? {} : { hostPath: { type: '', ...hostPath } }),
    ...(projected === undefined
      ? {}
      : {
          projected: {
            defaultMode: DEFAULT_MODE,
            ...projected,
            sources: (projected.sources ?? []).map((source) =>
              source.serviceAccountToken === undefined
                ? source
                : {
                    ...source,
                    serviceAccountToken: {
                      expirationSeconds: TOKEN_SECONDS,
                      ...source.serviceAccountToken,
                    },
                  },
            ),
          },
        }),
  };
}
