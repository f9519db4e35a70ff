/** ConfigMaps and Secrets that a pod needs, and which of them is missing. Sources: kubelet_pods.go, volume/{configmap,secret} (kubernetes-facts.md 6.1). */
import type { Container, Pod } from 'kubernetes-types/core/v1.d.ts';
import { CONFIG_MAPS } from '../kinds/configmaps.ts';
import { SECRETS } from '../kinds/secrets.ts';
import { memberOf, namespaceOf } from '../objects/object.ts';
import type { World } from '../world.ts';

type Source = 'configmap' | 'secret';
const KINDS = { configmap: CONFIG_MAPS, secret: SECRETS } as const;

const exists = ({ store }: World, pod: Pod, [source, name]: readonly [Source, string]): boolean =>
  store.get(KINDS[source], namespaceOf(pod), name) !== undefined;

/** Why a volume cannot be mounted: `volume "v" : configmap "x" not found`. */
export function missingVolume(world: World, pod: Pod): string | undefined {
  for (const { name, configMap, secret } of pod.spec?.volumes ?? []) {
    const wanted: readonly (readonly [Source, string | undefined, boolean | undefined])[] = [
      ['configmap', configMap?.name, configMap?.optional],
      ['secret', secret?.secretName, secret?.optional],
    ];
    for (const [source, of, optional] of wanted) {
      if (of === undefined || optional === true || exists(world, pod, [source, of])) continue;
      return `MountVolume.SetUp failed for volume "${name}" : ${source} "${of}" not found`;
    }
  }
  return undefined;
}

/** Why the environment of a container cannot be made. */
export function missingEnvironment(
  world: World,
  pod: Pod,
  container: Container,
): string | undefined {
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    const [source, ref] =
      configMapRef === undefined
        ? (['secret', secretRef] as const)
        : (['configmap', configMapRef] as const);
    const name = ref?.name ?? '';
    if (ref === undefined || ref.optional === true) continue;
    if (!exists(world, pod, [source, name])) return `${source} "${name}" not found`;
  }
  for (const { valueFrom } of container.env ?? []) {
    const { configMapKeyRef, secretKeyRef } = valueFrom ?? {};
    const [source, ref] =
      configMapKeyRef === undefined
        ? (['secret', secretKeyRef] as const)
        : (['configmap', configMapKeyRef] as const);
    if (ref === undefined || ref.optional === true) continue;
    const name = ref.name ?? '';
    const found = world.store.get(KINDS[source], namespaceOf(pod), name);
    if (found === undefined) return `${source} "${name}" not found`;
    if (!Object.hasOwn(memberOf(found.object, 'data'), ref.key)) {
      const kind = source === 'configmap' ? 'ConfigMap' : 'Secret';
      return `couldn't find key ${ref.key} in ${kind} ${namespaceOf(pod)}/${name}`;
    }
  }
  return undefined;
}
