/** Stored bodies that hold sealed secrets: of resources, and of running operations that will write one. */
import type { JsonObject } from '#shared/json.ts';
import type { Reader, Writer } from './database.ts';
import { changeResource } from './resources.ts';

export interface SealedBody {
  readonly table: 'resources' | 'operations';
  /** Key of the resource, or id of the operation. */
  readonly id: string;
  readonly resourceKey: string;
  readonly body: JsonObject;
}

/** How a sealed secret begins in a body's JSON text. */
const SEALED = '%"sealed":"%';

/** All of them; reads both tables from end to end. */
export async function listSealedBodies(reader: Reader): Promise<SealedBody[]> {
  const resources = await reader
    .selectFrom('resources')
    .select(['key', 'body'])
    .where('body', 'like', SEALED)
    .execute();
  const operations = await reader
    .selectFrom('operations')
    .select(['id', 'resource_key', 'input'])
    .where('status', '=', 'Running')
    .where('input', 'like', SEALED)
    .execute();
  return [
    ...resources.map(({ key, body }) => ({
      ...{ table: 'resources' as const, id: key, resourceKey: key },
      body: JSON.parse(body) as JsonObject,
    })),
    ...operations.map(({ id, resource_key: resourceKey, input }) => ({
      ...{ table: 'operations' as const, id, resourceKey },
      body: JSON.parse(input) as JsonObject,
    })),
  ];
}

/** Replaces the body, and nothing else: neither the revision nor the time of the last change. */
export async function replaceSealedBody(
  writer: Writer,
  { table, id }: SealedBody,
  body: JsonObject,
): Promise<void> {
  if (table === 'resources') {
    await changeResource(writer, id, { body });
    return;
  }
  await writer
    .updateTable('operations')
    .set({ input: JSON.stringify(body) })
    .where('id', '=', id)
    .execute();
}
