/** Brings a view into the shape of the request's api-version. The last thing that happens to every body. */
import { present } from '#shared/assert.ts';
import type { JsonObject } from '#shared/json.ts';
import type { ResourceRow } from '#store/resources.ts';
import type { ArmRequest } from '../provider.ts';
import type { ResourceDeclaration } from '../declaration.ts';
import type { Existing, StoredType, Viewed } from '../resource-type.ts';
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

/** What was shown of a row, as text; kept as long as the row itself is cached. */
interface Shown {
  readonly seen: object;
  readonly version: string;
  readonly text: string;
}
const shownBefore = new WeakMap<ResourceRow, Shown>();

/** What a GET of each of `targets` answers in the request's version, as JSON text; those of one page are made together. */
export async function renderPage(
  request: ArmRequest<StoredType>,
  targets: readonly Existing[],
): Promise<string[]> {
  const { type, version } = request;
  const texts = targets.map((target) => textBefore(request, target));
  const missing = targets.filter((_target, index) => texts[index] === undefined);
  const made = (await viewsOf(type, missing)).map(({ view, seen }, index) => {
    const { resource } = present(missing[index], 'the target of a view');
    const text = JSON.stringify(projectFor(request, resource, view));
    if (seen !== undefined) shownBefore.set(resource, { seen, version, text });
    return text;
  });
  return texts.map((text) => text ?? present(made.shift(), 'a text that was made'));
}

/** As `renderPage`, of one. */
export async function renderJson(
  request: ArmRequest<StoredType>,
  target: Existing,
): Promise<string> {
  const before = textBefore(request, target);
  if (before !== undefined) return before;
  const [text] = await renderPage(request, [target]);
  return present(text, 'a text that was made');
}

/** The views of the targets of a page, in their order. */
export async function viewsOf(
  type: StoredType,
  targets: readonly Existing[],
): Promise<readonly Viewed[]> {
  if (type.views !== undefined && targets.length > 0) return await type.views({ targets });
  const views: Viewed[] = [];
  for (const target of targets) views.push({ view: await type.view(target) });
  return views;
}

/** What was shown of the same before. */
function textBefore(
  { type, version }: ArmRequest<StoredType>,
  target: Existing,
): string | undefined {
  const before = shownBefore.get(target.resource);
  if (before?.version !== version) return undefined;
  return before.seen === type.seen?.(target) ? before.text : undefined;
}
