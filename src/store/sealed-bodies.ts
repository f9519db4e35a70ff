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

const PAGE = 500;

/** All of them, a page at a time; reads both tables from end to end. */
export async function* eachSealedBody(reader: Reader): AsyncGenerator<SealedBody> {
  for (let after = ''; ; ) {
    const rows = await reader
      .selectFrom('resources')
      .select(['key', 'body'])
      .where('body', 'like', SEALED)
      .where('key', '>', after)
      .orderBy('key')
      .limit(PAGE)
      .execute();
    for (const { key, body } of rows) {
      yield { table: 'resources', id: key, resourceKey: key, body: JSON.parse(body) as JsonObject };
    }
    after = rows.at(-1)?.key ?? '';
    if (rows.length < PAGE) break;
  }
  for (let after = ''; ; ) {
    const rows = await reader
      .selectFrom('operations')
      .select(['id', 'resource_key', 'input'])
      .where('status', '=', 'Running')
      .where('input', 'like', SEALED)
      .where('id', '>', after)
      .orderBy('id')
      .limit(PAGE)
      .execute();
    for (const { id, resource_key: resourceKey, input } of rows) {
      yield { table: 'operations', id, resourceKey, body: JSON.parse(input) as JsonObject };
    }
    after = rows.at(-1)?.id ?? '';
    if (rows.length < PAGE) break;
  }
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
