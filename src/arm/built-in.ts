/**
 * Resources that are there without anybody's PUT, as their type says (`builtIns`): shown like stored ones until a PUT
 * under their name stores one. Asked by GET, lists, DELETE, and by whoever wants to know whether a parent is there.
 * Nothing here is stored.
 */
import { findResource, type ResourceRow } from '#store/resources.ts';
import type { Provider } from './provider.ts';
import { lastSegmentOf, type ResourceId, rootKeyOf, typeKeyOf } from '#shared/arm-id.ts';
import { typeKey } from './declaration.ts';
import { type BuiltIn, type StoredType, storedTypeOf } from './resource-type.ts';

/** The built-in resources of a type on a device, in the form of rows; none where the type has none. */
export async function builtInRows(
  provider: Provider,
  type: StoredType,
  device: ResourceRow | undefined,
): Promise<readonly ResourceRow[]> {
  if (type.builtIns === undefined || device === undefined) return [];
  const { id, key, name } = device;
  const now = provider.clock.now();
  const found = await type.builtIns({ id, key, name, resource: device, root: device, now });
  return found.map((builtIn) => rowOf(type, device, builtIn));
}

/** The built-in resource of that id, or undefined. */
export async function findBuiltIn(
  provider: Provider,
  id: ResourceId,
): Promise<ResourceRow | undefined> {
  const type = storedTypeOf(provider.registry, typeKeyOf(id));
  if (type?.builtIns === undefined) return undefined;
  const device = await findResource(provider.database, rootKeyOf(id));
  const rows = await builtInRows(provider, type, device);
  return rows.find((row) => row.key === id.key);
}

function rowOf(type: StoredType, device: ResourceRow, { name, body }: BuiltIn): ResourceRow {
  const id = `${device.id}/${lastSegmentOf(type.type)}/${name}`;
  return {
    ...device,
    key: id.toLowerCase(),
    id,
    type: typeKey(type),
    name,
    parent: device.key,
    body,
    incarnation: `${device.incarnation}/${name}`,
    operationId: undefined,
    systemData: undefined,
  };
}
