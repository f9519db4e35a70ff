/**
 * Quotas: what a namespace uses is counted from its objects, and what would go beyond is refused.
 * Sources: plugin/pkg/admission/resourcequota; pkg/quota/v1/evaluator/core (kubernetes-facts.md 1.5, 4.9).
 */
import type {
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  Service,
} from 'kubernetes-types/core/v1.d.ts';
import type { Kind } from '../kinds/kind.ts';
import { KIND_OF_COUNT } from './quota-kinds.ts';
import { requestsOf } from '../kinds/pod-resources.ts';
import { PODS } from '../kinds/pods.ts';
import { RESOURCE_QUOTAS } from '../kinds/policies.ts';
import { SERVICES } from '../kinds/services.ts';
import { PERSISTENT_VOLUME_CLAIMS } from '../kinds/volumes.ts';
import { type KubeObject, nameOf, namespaceOf } from '../objects/object.ts';
import { decimal, milliUnitsOf } from '../schema/quantity.ts';
import { forbidden } from '../status.ts';
import type { World } from '../world.ts';
import { putStatus } from '../objects/put-status.ts';

type Usage = Map<string, number>;

const add = (usage: Usage, name: string, amount: number): void => {
  usage.set(name, (usage.get(name) ?? 0) + amount);
};

const ONE = 1000;

/** What one object uses of a quota, in milli-units by resource. */
function usageOf(kind: Kind, object: KubeObject): Usage {
  const usage: Usage = new Map();
  const plain = KIND_OF_COUNT.get(kind.key);
  add(usage, `count/${kind.resource}${kind.group === '' ? '' : `.${kind.group}`}`, ONE);
  if (kind === PODS) return podUsage(object as Pod, usage);
  if (plain !== undefined) add(usage, plain, ONE);
  if (kind === SERVICES) {
    const { type } = (object as Service).spec ?? {};
    if (type === 'LoadBalancer') add(usage, 'services.loadbalancers', ONE);
    const ports = type === 'NodePort' || type === 'LoadBalancer';
    if (ports)
      add(usage, 'services.nodeports', ONE * ((object as Service).spec?.ports?.length ?? 0));
  }
  if (kind === PERSISTENT_VOLUME_CLAIMS) {
    const asked = (object as PersistentVolumeClaim).spec?.resources?.requests?.['storage'];
    add(usage, 'requests.storage', milliUnitsOf(asked));
  }
  return usage;
}

function podUsage({ spec, status }: Pod, usage: Usage): Usage {
  // What has ended uses nothing any more.
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return new Map();
  add(usage, 'pods', ONE);
  for (const [name, amount] of requestsOf(spec)) {
    add(usage, `requests.${name}`, amount);
    if (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage')
      add(usage, name, amount);
  }
  for (const { resources } of spec?.containers ?? []) {
    for (const [name, amount] of Object.entries(resources?.limits ?? {})) {
      add(usage, `limits.${name}`, milliUnitsOf(amount));
    }
  }
  return usage;
}

const COUNTED_BY_CONTAINER = /^(requests\.|limits\.)?(cpu|memory)$/;

/** Refuses what would exceed a quota of its namespace; otherwise counts it. */
export function chargeQuota(
  world: World,
  {
    kind,
    object,
    isDryRun,
  }: { readonly kind: Kind; readonly object: KubeObject; readonly isDryRun: boolean },
): void {
  if (!kind.isNamespaced || kind === RESOURCE_QUOTAS) return;
  const quotas = world.store.list(RESOURCE_QUOTAS, namespaceOf(object));
  if (quotas.length === 0) return;
  const asked = usageOf(kind, object);
  const charges = quotas.map((entry) => {
    const quota = entry.object as ResourceQuota;
    const hard = quota.spec?.hard ?? {};
    const used = quota.status?.used ?? {};
    const name = nameOf(quota);
    if (kind === PODS) refuseUnstated(object as Pod, { name, hard });
    const touched = Object.keys(hard)
      .filter((one) => (asked.get(one) ?? 0) > 0)
      .sort();
    const exceeded = touched.filter(
      (one) => milliUnitsOf(used[one]) + (asked.get(one) ?? 0) > milliUnitsOf(hard[one]),
    );
    if (exceeded.length > 0) {
      const list = (amount: (one: string) => string): string =>
        exceeded.map((one) => `${one}=${amount(one)}`).join(',');
      throw forbidden(kind, nameOf(object), {
        why: `exceeded quota: ${name}, requested: ${list((one) => shown(asked.get(one) ?? 0))}, used: ${list((one) => used[one] ?? '0')}, limited: ${list((one) => hard[one] ?? '0')}`,
      });
    }
    return { entry, quota, touched };
  });
  if (isDryRun) return;
  for (const { entry, quota, touched } of charges) {
    if (touched.length === 0) continue;
    const used = { ...quota.status?.used };
    for (const one of touched) used[one] = shown(milliUnitsOf(used[one]) + (asked.get(one) ?? 0));
    putStatus(world, entry, { hard: quota.spec?.hard ?? {}, ...quota.status, used });
  }
}

const shown = (milli: number): string => decimal(BigInt(Math.round(milli)));

/** A quota of CPU or memory wants every container to say what it takes. */
function refuseUnstated(
  pod: Pod,
  { name, hard }: { readonly name: string; readonly hard: Readonly<Record<string, string>> },
): void {
  const missing = Object.keys(hard)
    .filter((one) => COUNTED_BY_CONTAINER.test(one))
    .sort()
    .flatMap((one) => {
      const part = one.startsWith('limits.') ? 'limits' : 'requests';
      const resource = one.replace(/^(requests|limits)\./, '');
      const lacking = (pod.spec?.containers ?? [])
        .filter(({ resources }) => resources?.[part]?.[resource] === undefined)
        .map((container) => container.name);
      return lacking.length === 0 ? [] : [`${one} for: ${lacking.join(',')}`];
    });
  if (missing.length === 0) return;
  throw forbidden(PODS, nameOf(pod), {
    why: `failed quota: ${name}: must specify ${missing.join('; ')}`,
  });
}

/** What the objects of a namespace use of a quota, counted anew. */
export function countUsage(world: World, namespace: string, kinds: readonly Kind[]): Usage {
  const sum: Usage = new Map();
  for (const kind of kinds) {
    for (const { object } of world.store.list(kind, namespace)) {
      for (const [name, amount] of usageOf(kind, object)) add(sum, name, amount);
    }
  }
  return sum;
}

export const quotaText = shown;
