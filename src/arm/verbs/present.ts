/** Brings a view into the shape of the request's api-version. The last thing that happens to every body. */
import type { JsonObject } from '#shared/json.ts';
import type { ResourceRow } from '#store/resources.ts';
import type { ArmRequest } from '../provider.ts';
import type { ResourceDeclaration } from '../declaration.ts';
import type { Existing, StoredType } from '../resource-type.ts';
import { projectJson } from '../projection.ts';
import { existsIn, nodeOf, type SchemaNode } from '../schema.ts';

/** `view` without what `version` does not have, and without anything secret. */
export function project(type: ResourceDeclaration, view: JsonObject, version: string): JsonObject {
  return projectJson(schemaOf(type, view), view, version) as JsonObject;
}

/** The schema that fits a body: by its kind where the type has kinds. */
export function schemaOf(type: ResourceDeclaration, body: JsonObject): SchemaNode {
  const kind = body.kind;
  const byKind = typeof kind === 'string' ? type.kinds?.[kind] : undefined;
  return nodeOf(byKind ?? type.schema);
}

/** Whether `version` has resources of the kind that a body is of; true for types without kinds. */
export function isKindIn(type: ResourceDeclaration, body: JsonObject, version: string): boolean {
  return type.kinds === undefined || existsIn(schemaOf(type, body), version);
}

/** What a GET of `target` answers in the request's version. */
export async function render(
  request: ArmRequest<StoredType>,
  target: Existing,
): Promise<JsonObject> {
  return projectFor(request, target.resource, await request.type.view(target));
}

/** `view`, of `resource`, in the shape of the request's version, with who made and who changed it where that is shown. */
export function projectFor(
  { type, version, showsSystemData }: ArmRequest,
  { systemData }: ResourceRow,
  view: JsonObject,
): JsonObject {
  const isShown =
    showsSystemData &&
    systemData !== undefined &&
    schemaOf(type, view).properties?.systemData !== undefined;
  return project(type, isShown ? { ...view, systemData } : view, version);
}

/** What was shown of a row, as text; kept as long as the row itself is remembered. */
interface Shown {
  readonly seen: object;
  readonly version: string;
  readonly text: string;
}
const shownBefore = new WeakMap<ResourceRow, Shown>();

/** As `render`, as JSON text; at once where nothing has to be asked. */
export function renderJson(
  request: ArmRequest<StoredType>,
  target: Existing,
): string | Promise<string> {
  const seen = request.type.seen?.(target);
  if (seen === undefined || seen instanceof Promise) return renderAndCache(request, target, seen);
  return shownAs(request, target, seen) ?? renderAndCache(request, target, seen);
}

/** What was shown of the same before. */
function shownAs(
  { version }: ArmRequest,
  { resource }: Existing,
  seen: object,
): string | undefined {
  const before = shownBefore.get(resource);
  return before?.seen === seen && before.version === version ? before.text : undefined;
}

async function renderAndCache(
  request: ArmRequest<StoredType>,
  target: Existing,
  seeing: object | Promise<object> | undefined,
): Promise<string> {
  const seen = await seeing;
  const before = seen === undefined ? undefined : shownAs(request, target, seen);
  if (before !== undefined) return before;
  const text = JSON.stringify(await render(request, target));
  if (seen !== undefined) {
    shownBefore.set(target.resource, { seen, version: request.version, text });
  }
  return text;
}
