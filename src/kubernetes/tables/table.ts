/** Tables: what `kubectl get` prints, made by the server (apimachinery apis/meta/v1 Table). */
import type { Instant } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import type { Column, Kind } from '../kinds/kind.ts';
import { describedBy } from './described.ts';
import type { KubeObject } from '../objects/object.ts';

/** How much of each object a row carries. */
export type IncludedObject = 'Metadata' | 'Object' | 'None';

/** The columns of a kind, in words where `describe` has some. */
export const columnDefinitions = (
  { resource, columns }: Kind,
  describe: (message: string, field: string) => string | undefined,
): JsonObject[] =>
  columns.map(({ name, type, format, isWide }: Column) => {
    const by = describedBy(resource, name);
    return {
      name,
      type,
      format: format ?? '',
      description: (by === undefined ? undefined : describe(by.message, by.field)) ?? name,
      priority: isWide ? 1 : 0,
    };
  });

/** The row of an object, as JSON text; its cells are made of the object as it is kept. */
export function rowOf(
  kind: Kind,
  {
    cells: kept,
    object,
    json,
  }: { readonly cells: KubeObject; readonly object: KubeObject; readonly json: string },
  { now, included }: { readonly now: Instant; readonly included: IncludedObject },
): string {
  const cells: Json[] = kind.columns.map((column) => column.cell(kept, { now }));
  const embedded = included === 'Object' ? json : included === 'None' ? 'null' : partialOf(object);
  return `{"cells":${JSON.stringify(cells)},"object":${embedded}}`;
}

/** PartialObjectMetadata as JSON text. */
export const partialOf = (object: KubeObject): string =>
  `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":${JSON.stringify(object.metadata)}}`;
