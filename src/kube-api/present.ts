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
import type { Call, KindCall } from './call.ts';
import { describe } from './descriptions.ts';
import { shown } from './shown.ts';

/** The columns of a kind as JSON text, made once. */
const columns = new Map<Kind, string>();

export function columnsText(kind: Kind): string {
  const known = columns.get(kind) ?? JSON.stringify(columnDefinitions(kind, describe));
  columns.set(kind, known);
  return known;
}

const INCLUDED: readonly string[] = ['Object', 'None'];

export const includedOf = ({ query }: Call): IncludedObject => {
  const asked = query.get('includeObject') ?? '';
  return INCLUDED.includes(asked) ? (asked as IncludedObject) : 'Metadata';
};

/** One object as JSON text. */
export function presentOne(call: KindCall, entry: Entry): string {
  const { kind, cluster } = call;
  switch (call.accepted.as) {
    case 'table':
      return tableText(call, kind, { entries: [entry], revision: entry.revision });
    case 'partial':
    case 'partialList':
      return partialOf(shown(kind, entry, cluster.plane.world).object);
    case 'object':
      return shown(kind, entry, cluster.plane.world).json;
  }
}

/** A list as JSON text. */
export function presentList(call: Call, kind: Kind, listed: Listed): string {
  const { world } = call.cluster.plane;
  const view = (entry: Entry) => shown(kind, entry, world);
  switch (call.accepted.as) {
    case 'table':
      return tableText(call, kind, listed);
    case 'partial':
    case 'partialList':
      return `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1",${listMeta(listed)},"items":[${listed.entries.map((entry) => partialOf(view(entry).object)).join(',')}]}`;
    case 'object':
      return `{"kind":"${kind.kind}List","apiVersion":"${kind.apiVersion}",${listMeta(listed)},"items":[${listed.entries.map((entry) => view(entry).json).join(',')}]}`;
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
  const { world } = call.cluster.plane;
  const at = { now: world.now, included: includedOf(call) };
  const rows = listed.entries.map((entry) =>
    rowOf(kind, { cells: entry.object, ...shown(kind, entry, world) }, at),
  );
  return `{"kind":"Table","apiVersion":"meta.k8s.io/${call.accepted.version}",${listMeta(listed)},"columnDefinitions":${columnsText(kind)},"rows":[${rows.join(',')}]}`;
}
