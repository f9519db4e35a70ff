/**
 * How a view is brought into the shape of one api-version, by the marks of its schema (`schema.ts`). The last thing that
 * happens to every body that is sent. Pure.
 */
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import {
  entryOf,
  existsIn,
  holdsIn,
  isSecretIn,
  nodeIn,
  type SchemaNode,
  withEntries,
} from './schema.ts';
import { isWithin } from './versions.ts';

/**
 * `value` as `version` shows it: without members that are secret or do not exist there, and in its spellings. Members that
 * the schema does not have stay.
 */
export function projectJson(node: SchemaNode, value: Json, version: string): Json {
  if (isUnchanged(node, value, version)) return value;
  return projectWhere(node, value, {
    version,
    keeps: (member) => visibilityOf(member, version).isShown,
    isWhole: (member) => visibilityOf(member, version).isWhole,
  });
}

/** True when nothing of `value` would be dropped or respelled. That is so for most answers, which then need no copy. */
function isUnchanged(node: SchemaNode, value: Json, version: string): boolean {
  if (visibilityOf(node, version).isWhole) return true;
  if (node.properties === undefined || !isJsonObject(value)) return false;
  if (nodeIn(node, version) !== node) return false;
  for (const name in value) {
    const member = Object.hasOwn(node.properties, name) ? node.properties[name] : undefined;
    if (member === undefined) continue;
    const { isShown, isWhole } = visibilityOf(member, version);
    if (!isShown) return false;
    if (!isWhole && !isUnchanged(member, value[name] ?? null, version)) return false;
  }
  return true;
}

/** What a version shows of a member. */
interface MemberVisibility {
  readonly isShown: boolean;
  /** Nothing inside it is secret, missing or respelled: it is shown as it is. */
  readonly isWhole: boolean;
}

/** Memoised: the result depends on the schema and the version only, and is needed for every member of every answer. */
const visibilities = new WeakMap<SchemaNode, Map<string, MemberVisibility>>();

function visibilityOf(node: SchemaNode, version: string): MemberVisibility {
  let versions = visibilities.get(node);
  if (versions === undefined) {
    versions = new Map();
    visibilities.set(node, versions);
  }
  let visibility = versions.get(version);
  if (visibility === undefined) {
    visibility = {
      isShown: existsIn(node, version) && !isSecretIn(node, version),
      isWhole: showsAll(node, version),
    };
    versions.set(version, visibility);
  }
  return visibility;
}

/** As `projectJson`, for an answer whose purpose is to give a secret. */
export function projectJsonWithSecrets(node: SchemaNode, value: Json, version: string): Json {
  return projectWhere(node, value, { version, keeps: (member) => existsIn(member, version) });
}

interface Projection {
  readonly version: string;
  /** True when the member is shown. */
  keeps(member: SchemaNode): boolean;
  /** True when the member is shown as it is, and need not be walked. */
  readonly isWhole?: (member: SchemaNode) => boolean;
}

function projectWhere(given: SchemaNode, value: Json, how: Projection): Json {
  const node = nodeIn(given, how.version);
  if (Array.isArray(value)) {
    const items = node.items;
    if (items === undefined) return value;
    return value
      .filter((item) => typeof item !== 'string' || isValueIn(items, item, how.version))
      .map((item) => projectWhere(items, item, how));
  }
  if (typeof value === 'string') return spellingOf(node, value, how.version);
  if (!isJsonObject(value)) return value;
  const entry = entryOf(node);
  if (entry !== undefined) return withEntries(value, (inside) => projectWhere(entry, inside, how));
  if (node.properties === undefined) return value;
  const kept: JsonObject = {};
  for (const [written, inside] of Object.entries(value)) {
    const name = node === given ? written : inCasingOf(node.properties, written);
    const member = Object.hasOwn(node.properties, name) ? node.properties[name] : undefined;
    if (member === undefined) kept[name] = inside;
    else if (how.keeps(member)) {
      kept[name] = how.isWhole?.(member) === true ? inside : projectWhere(member, inside, how);
    }
  }
  return kept;
}

/**
 * True when an item of a list is shown: only if the version's enum has it. A single value is always shown, since there is no
 * other to show.
 */
function isValueIn(node: SchemaNode, value: string, version: string): boolean {
  const spans = node['x-values-in'];
  if (spans === undefined || !Object.hasOwn(spans, value)) return true;
  return holdsIn(spans[value], version);
}

/** `name` in the casing of the members of `known`. */
function inCasingOf(known: object, name: string): string {
  const lower = name.toLowerCase();
  return Object.keys(known).find((member) => member.toLowerCase() === lower) ?? name;
}

function spellingOf(node: SchemaNode, value: string, version: string): string {
  const spellings = node['x-spelled'];
  if (spellings === undefined || !Object.hasOwn(spellings, value)) return value;
  const spelling = spellings[value];
  return spelling !== undefined && isWithin(spelling.in, version) ? spelling.as : value;
}

/** True when `projectJson` changes no value of this schema: `version` shows all that the schema has, as it is. */
export function showsAll(node: SchemaNode, version: string): boolean {
  const isRespelled = Object.values(node['x-spelled'] ?? {}).some((spelling) =>
    isWithin(spelling.in, version),
  );
  if (isRespelled || nodeIn(node, version) !== node) return false;
  const entry = entryOf(node);
  if (entry !== undefined) return showsAll(entry, version);
  if (node.items !== undefined) {
    const values = Object.keys(node.items['x-values-in'] ?? {});
    const { items } = node;
    return values.every((value) => isValueIn(items, value, version)) && showsAll(items, version);
  }
  return Object.values(node.properties ?? {}).every(
    (member) =>
      existsIn(member, version) && !isSecretIn(member, version) && showsAll(member, version),
  );
}
