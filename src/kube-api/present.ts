/** Objects and lists as the client wants them: whole, as Tables, or their metadata alone. */
import type { Listed } from '#kubernetes/api/list.ts';
import type { Kind } from '#kubernetes/kinds/kind.ts';
import type { Entry } from '#kubernetes/objects/entry.ts';
import {
  columnDefinitions,
  type IncludedObject,
  partialOf,
  rowOf,
} from '#kubernetes/tables/table.ts';
import type { Call } from './call.ts';

const INCLUDED: readonly string[] = ['Object', 'None'];

export const includedOf = ({ query }: Call): IncludedObject => {
  const asked = query.get('includeObject') ?? '';
  return INCLUDED.includes(asked) ? (asked as IncludedObject) : 'Metadata';
};

/** One object as JSON text. */
export function presentOne(call: Call, entry: Entry): string {
  switch (call.accepted.as) {
    case 'table':
      return tableText(call, entry.kind, { entries: [entry], revision: entry.revision });
    case 'partial':
    case 'partialList':
      return partialOf(entry.object);
    case 'object':
      return entry.json;
  }
}

/** A list as JSON text. */
export function presentList(call: Call, kind: Kind, listed: Listed): string {
  switch (call.accepted.as) {
    case 'table':
      return tableText(call, kind, listed);
    case 'partial':
    case 'partialList':
      return `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1",${listMeta(listed)},"items":[${listed.entries.map(({ object }) => partialOf(object)).join(',')}]}`;
    case 'object':
      return `{"kind":"${kind.kind}List","apiVersion":"${kind.apiVersion}",${listMeta(listed)},"items":[${listed.entries.map(({ json }) => json).join(',')}]}`;
  }
}

function listMeta({ revision, remaining, continue: token }: Listed): string {
  const metadata = {
    resourceVersion: String(revision),
    ...(token === undefined ? {} : { continue: token }),
    ...(remaining === undefined ? {} : { remainingItemCount: remaining }),
  };
  return `"metadata":${JSON.stringify(metadata)}`;
}

function tableText(call: Call, kind: Kind, listed: Listed): string {
  const { now } = call.cluster.plane.world;
  const included = includedOf(call);
  const rows = listed.entries.map((entry) => rowOf(kind, entry, { now, included }));
  return `{"kind":"Table","apiVersion":"meta.k8s.io/${call.accepted.version}",${listMeta(listed)},"columnDefinitions":${JSON.stringify(columnDefinitions(kind))},"rows":[${rows.join(',')}]}`;
}
