/** Finds what a request or an operation is about, and says in ARM's words what is missing. Used by every verb. */
import { present } from '#shared/assert.ts';
import type { RefusedError } from '#shared/failure.ts';
import { findResource, type ResourceRow } from '#store/resources.ts';
import { findResourceGroup } from '#store/resource-groups.ts';
import { findBuiltIn } from '../built-in.ts';
import { errors } from '../errors.ts';
import { resourceNameFault } from '../names.ts';
import type { ArmRequest, Provider } from '../provider.ts';
import {
  groupKeyOf,
  nameOf,
  parentKeyOf,
  type ResourceId,
  resourceIdOf,
  rootKeyOf,
  typeKeyOf,
} from '#shared/arm-id.ts';
import type {
  Existing,
  ObservedTarget,
  ObservedType,
  ResourceType,
  StoredType,
  Target,
} from '../resource-type.ts';

/** The id of a request whose route has one. */
export function idOf(request: ArmRequest): ResourceId {
  return present(request.id, 'the id of a request for one resource');
}

/** Loads the target of `id`. A resource that still hides counts as absent for readers (`isVisible`). */
export async function loadTarget(provider: Provider, id: ResourceId): Promise<Target> {
  const resource = await findResource(provider.database, id.key);
  const isTop = id.types.length === 1;
  const root = isTop ? resource : await findResource(provider.database, rootKeyOf(id));
  return {
    id: resource?.id ?? id.id,
    key: id.key,
    name: resource?.name ?? nameOf(id),
    resource,
    root,
    now: provider.clock.now(),
  };
}

/** The target of a stored resource; `root` is the device above it. */
export function targetOf(
  provider: Provider,
  resource: ResourceRow,
  root: ResourceRow | undefined,
): Existing {
  return {
    id: resource.id,
    key: resource.key,
    name: resource.name,
    resource,
    root: root ?? (resource.parent === undefined ? resource : undefined),
    now: provider.clock.now(),
  };
}

/** The target as a reader may see it, or a throw of the error that fits. */
export async function existingTarget(
  provider: Provider,
  type: StoredType,
  id: ResourceId,
): Promise<Existing> {
  const target = await loadTarget(provider, id);
  if (target.resource?.isVisible !== true) throw await missing(provider, type, id);
  return { ...target, resource: target.resource };
}

/** As `existingTarget`, of something that is observed on a device. */
export async function observedTarget(
  provider: Provider,
  type: ObservedType,
  id: ResourceId,
): Promise<ObservedTarget> {
  checkNamePatterns(provider, id);
  const target = await loadTarget(provider, id);
  const { root: device } = target;
  if (device?.isVisible === true) {
    const observed = { ...target, device };
    if ((await type.find?.(observed)) !== undefined) return observed;
  }
  throw await missing(provider, type, id);
}

/** Refuses names that the contract's patterns do not allow, in the id from the top down. */
export function checkNamePatterns(provider: Provider, id: ResourceId): void {
  for (const [index, name] of id.names.entries()) {
    const type = provider.registry.get(
      `${id.namespace}/${id.types.slice(0, index + 1).join('/')}`.toLowerCase(),
    );
    if (type?.namePattern?.test(name) === false) {
      throw errors.invalidName(name, `it must match ${type.namePattern.source}.`);
    }
  }
}

/** Why `id` is not there: its group, its parent, or itself. */
export async function missing(
  provider: Provider,
  type: ResourceType,
  id: ResourceId,
): Promise<RefusedError> {
  const error = await missingAncestor(provider, id);
  if (error !== undefined) return error;
  if (id.types.length > 1) return errors.entityNotFound(nameOf(id));
  const registered = `${type.namespace}/${type.registeredType ?? type.type}`;
  return errors.resourceNotFound(registered, nameOf(id), id.resourceGroup);
}

/** What is missing around `id`: the resource group or a resource above it; undefined when all is there. */
export async function missingAncestor(
  provider: Provider,
  id: ResourceId,
): Promise<RefusedError | undefined> {
  if ((await findResourceGroup(provider.database, groupKeyOf(id))) === undefined) {
    return errors.resourceGroupNotFound(id.resourceGroup);
  }
  const parentKey = parentKeyOf(id);
  if (parentKey === undefined) return undefined;
  const parentId = resourceIdOf(parentKey);
  const aboveParent = parentId.types.length > 1 ? rootKeyOf(id) : undefined;
  for (const key of aboveParent === undefined ? [parentKey] : [aboveParent, parentKey]) {
    // What is found stands on the device alone; whether it is there is its type's to say.
    if (
      key !== aboveParent &&
      provider.registry.get(typeKeyOf(parentId))?.category === 'observed'
    ) {
      continue;
    }
    const parent =
      (await findResource(provider.database, key)) ??
      (await findBuiltIn(provider, resourceIdOf(key)));
    if (parent?.isVisible !== true) {
      const missing = key === parentKey ? id.names.at(-2) : id.names[0];
      return errors.parentNotFound(present(missing, 'the name of a parent'));
    }
  }
  return undefined;
}

/** Refuses to make anything in a group that is being deleted. */
export async function checkGroupStays(provider: Provider, id: ResourceId): Promise<void> {
  const group = await findResourceGroup(provider.database, groupKeyOf(id));
  if (group?.operationId !== undefined) throw errors.groupBeingDeleted(group.name);
}

/** Refuses a name that ARM or the type does not allow. */
export function checkName(type: StoredType, id: ResourceId): void {
  const name = nameOf(id);
  const fault = resourceNameFault(name) ?? type.nameFault?.(name);
  if (fault !== undefined) throw errors.invalidName(name, fault);
}
