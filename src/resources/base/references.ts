/**
 * ARM ids in bodies that name another resource of the device: whether there is such a one, and what the machine calls it.
 * The contract says of one of them only that it must exist already (UserAccessRight); that all must is [ours].
 */
import { parseResourceId, type ResourceId, rootKeyOf, typeKeyOf } from '#shared/arm-id.ts';
import type { ResourceRow } from '#arm/resource-type.ts';
import type { Fault } from '#shared/failure.ts';
import { deviceOf } from './machine.ts';
import type { Target } from './define.ts';

const DEVICE_TYPE = 'Microsoft.DataBoxEdge/dataBoxEdgeDevices';

/** A member of a body that names a resource. */
export interface Reference {
  /** Its path, such as `properties.sinkInfo.roleId`. */
  readonly member: string;
  readonly id: string;
  /** What it names: `roles`, `storageAccountCredentials`. */
  readonly segment: string;
  /** Of any device: an official example names the credential of another one [S StorageAccountPut]. */
  readonly isOfAnyDevice?: boolean;
}

/** The resource that is named, or the fault of naming it. */
export async function resolve(
  target: Target,
  reference: Reference,
): Promise<{ readonly row: ResourceRow } | { readonly fault: Fault }> {
  const { member, id, segment } = reference;
  const refuse = (message: string) => ({ fault: { target: member, message } });
  const parsed = parseResourceId(id);
  if (parsed === undefined || !isOfType(parsed, segment)) {
    return refuse(`'${id}' is not the id of a resource of type ${DEVICE_TYPE}/${segment}.`);
  }
  if (reference.isOfAnyDevice !== true && rootKeyOf(parsed) !== deviceOf(target).key) {
    return refuse(`'${id}' is not a resource of the device '${deviceOf(target).name}'.`);
  }
  const row = await target.ports.findResource(parsed.key);
  return row?.isVisible === true
    ? { row }
    : refuse(`The resource '${id}' does not exist. Create it first and retry the operation.`);
}

const isOfType = (id: ResourceId, segment: string): boolean =>
  typeKeyOf(id) === `${DEVICE_TYPE}/${segment}`.toLowerCase();

/** What is wrong with the references of a body, all at once. */
export async function referenceFaults(
  target: Target,
  references: readonly Reference[],
): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const reference of references) {
    const found = await resolve(target, reference);
    if ('fault' in found) faults.push(found.fault);
  }
  return faults;
}

/** The key of the resource that an id names, however it is written; undefined when the id is malformed. */
export const keyOf = (id: string): string | undefined => parseResourceId(id)?.key;

/** What the target's machine calls the named resource: its name as it was first written; undefined for another device's. */
export async function nameOnMachine(target: Target, id: string): Promise<string | undefined> {
  const key = keyOf(id);
  const row = key === undefined ? undefined : await target.ports.findResource(key);
  return row === undefined || !row.key.startsWith(`${deviceOf(target).key}/`)
    ? undefined
    : row.name;
}
