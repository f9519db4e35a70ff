/**
 * What a schema says, in one form for both sides: the official swagger (2.0, with allOf and discriminators) and ours
 * (JSON Schema, OpenAPI 3.0). And the differences of two of them, as short lines that name the member.
 *
 * Compared: members, types, formats, lengths, required, read-only, secret, enum values, kinds.
 * Not compared: descriptions, and what only an SDK's author sees (flattening, client names).
 */

/** A schema as it stands in a document. */
export interface DocumentNode {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, DocumentNode>>;
  readonly required?: readonly string[];
  readonly items?: DocumentNode;
  readonly additionalProperties?: DocumentNode | boolean;
  readonly allOf?: readonly DocumentNode[];
  readonly oneOf?: readonly DocumentNode[];
  readonly enum?: readonly string[];
  readonly readOnly?: boolean;
  readonly maxLength?: number;
  readonly discriminator?: string | { readonly propertyName: string };
  readonly 'x-ms-secret'?: boolean;
  readonly 'x-ms-enum'?: { readonly name?: string };
  readonly 'x-ms-discriminator-value'?: string;
}

export interface Shape {
  /** JSON's type; `any` where the schema says none. */
  readonly type: string;
  readonly format: string | undefined;
  readonly maxLength: number | undefined;
  readonly isReadOnly: boolean;
  readonly isSecret: boolean;
  /** Of an enum, sorted. */
  readonly values: readonly string[] | undefined;
  /** What an SDK calls the enum. */
  readonly enumName: string | undefined;
  readonly members: ReadonlyMap<string, Member>;
  /** By the discriminator's value; each is whole, with the members that all of them have. */
  readonly kinds: ReadonlyMap<string, Shape>;
  readonly items: Shape | undefined;
  /** What each entry of a dictionary is. */
  readonly entries: Shape | undefined;
}

export interface Member {
  readonly shape: Shape;
  readonly isRequired: boolean;
}

/** A document: where its references lead, and what derives from a definition with a discriminator. */
export interface Source {
  resolve(ref: string): DocumentNode;
  /** By discriminator value. */
  kindsOf(ref: string): ReadonlyMap<string, DocumentNode>;
}

/** The shape of `node`. A definition that contains itself ends there, as an object that says no more. */
export function shapeOf(node: DocumentNode, source: Source, above: readonly string[] = []): Shape {
  const parts = partsOf(node, source, above);
  const own = parts.map((part) => part.node);
  const kinds = new Map<string, Shape>();
  for (const { ref } of parts) {
    if (ref === undefined) continue;
    const within = [...above, ref];
    for (const [kind, derived] of source.kindsOf(ref)) {
      if (!above.includes(ref)) kinds.set(kind, shapeOf(derived, source, within));
    }
  }
  for (const part of own) {
    for (const kind of part.oneOf ?? []) {
      const shape = shapeOf(kind, source, above);
      kinds.set(shape.members.get('kind')?.shape.values?.join(' ') ?? '?', shape);
    }
  }
  return { ...shallow(own), ...inner(parts, source, above), kinds };
}

/** One schema and the definitions that it was reached through. */
interface Part {
  readonly node: DocumentNode;
  readonly ref: string | undefined;
  readonly above: readonly string[];
}

/** All that `$ref` and `allOf` put together. */
function partsOf(node: DocumentNode, source: Source, above: readonly string[]): Part[] {
  const { $ref: ref, allOf, ...own } = node;
  const parts: Part[] = [{ node: own, ref: undefined, above }];
  if (ref !== undefined) {
    // A kind contains its base, and not the base's kinds once more; anything else that comes again is a circle.
    const target = source.resolve(ref);
    const seen = above.includes(ref) && target.discriminator === undefined;
    const below = seen ? [] : partsOf(target, source, [...above, ref]);
    parts.push(...below.map((part, index) => (index === 0 ? { ...part, ref } : part)));
  }
  for (const part of allOf ?? []) parts.push(...partsOf(part, source, above));
  return parts;
}

type Shallow = Pick<
  Shape,
  'type' | 'format' | 'maxLength' | 'isReadOnly' | 'isSecret' | 'values' | 'enumName'
>;

function shallow(nodes: readonly DocumentNode[]): Shallow {
  const first = <K extends keyof DocumentNode>(key: K): DocumentNode[K] | undefined =>
    nodes.map((node) => node[key]).find((value) => value !== undefined);
  const values = first('enum');
  const isObject = nodes.some(
    (node) =>
      node.properties !== undefined ||
      node.oneOf !== undefined ||
      typeof node.additionalProperties === 'object',
  );
  return {
    type: first('type') ?? (isObject ? 'object' : 'any'),
    format: first('format'),
    maxLength: first('maxLength'),
    isReadOnly: nodes.some((node) => node.readOnly === true),
    isSecret: nodes.some((node) => node['x-ms-secret'] === true),
    values: values === undefined ? undefined : values.toSorted(),
    enumName: first('x-ms-enum')?.name,
  };
}

function inner(
  parts: readonly Part[],
  source: Source,
  above: readonly string[],
): Pick<Shape, 'members' | 'items' | 'entries'> {
  const required = new Set(parts.flatMap((part) => part.node.required ?? []));
  const members = new Map<string, Member>();
  let items: Shape | undefined;
  let entries: Shape | undefined;
  for (const { node, above: within } of parts) {
    for (const [name, member] of Object.entries(node.properties ?? {})) {
      const shape = shapeOf(member, source, [...above, ...within]);
      members.set(name, { shape, isRequired: required.has(name) });
    }
    if (node.items !== undefined) items = shapeOf(node.items, source, [...above, ...within]);
    if (typeof node.additionalProperties === 'object') {
      entries = shapeOf(node.additionalProperties, source, [...above, ...within]);
    }
  }
  return { members, items, entries };
}

/** Where the two are compared: what is said of a member that is read-only as a whole is said of all of it. */
interface Place {
  readonly path: string;
  readonly isReadOnly: boolean;
}

const TOP: Place = { path: '', isReadOnly: false };

/** Each difference as `properties.member: what`; none where both say the same. */
export function differences(ours: Shape, official: Shape, place: Place = TOP): string[] {
  const say = (what: string): string => (place.path === '' ? what : `${place.path}: ${what}`);
  const found = own(ours, official, place).map(say);
  const isReadOnly = place.isReadOnly || official.isReadOnly || ours.isReadOnly;
  const at = (step: string): Place => ({
    path: place.path === '' ? step.replace(/^\./, '') : place.path + step,
    isReadOnly,
  });
  if (official.kinds.size > 0 || ours.kinds.size > 0) {
    return [...found, ...kindDifferences(ours, official, at)];
  }
  if (ours.members.size === 0 && official.members.size > 1) {
    found.push(say(`says nothing of {${[...official.members.keys()].join(', ')}}`));
  } else {
    found.push(...memberDifferences(ours, official, at));
  }
  if (ours.items !== undefined && official.items !== undefined) {
    found.push(...differences(ours.items, official.items, at('[]')));
  }
  if (ours.entries !== undefined && official.entries !== undefined) {
    found.push(...differences(ours.entries, official.entries, at('.*')));
  } else if ((ours.entries === undefined) !== (official.entries === undefined)) {
    found.push(say(official.entries === undefined ? 'is no dictionary' : 'is a dictionary'));
  }
  return found;
}

function own(ours: Shape, official: Shape, place: Place): string[] {
  const found: string[] = [];
  const differ = (what: string, one?: string | number, other?: string | number): void => {
    if (one !== other) found.push(`${what} ${shown(one)}, official ${shown(other)}`);
  };
  if (official.type !== 'any') differ('type', ours.type, official.type);
  differ('format', ours.format, official.format);
  differ('maxLength', ours.maxLength, official.maxLength);
  if (!place.isReadOnly && ours.isReadOnly !== official.isReadOnly) {
    found.push(official.isReadOnly ? 'is read-only' : 'is not read-only');
  }
  if (ours.isSecret !== official.isSecret) {
    found.push(official.isSecret ? 'is secret' : 'is not secret');
  }
  const hasValues = ours.values !== undefined && official.values !== undefined;
  if (hasValues) differ('enum is named', ours.enumName, official.enumName);
  return [...found, ...valueDifferences(ours.values, official.values)];
}

const shown = (value: string | number | undefined): string => String(value ?? 'none');

function valueDifferences(ours: Shape['values'], official: Shape['values']): string[] {
  if (official === undefined) return ours === undefined ? [] : ['is no enum'];
  if (ours === undefined) return [`is an enum: ${official.join(' ')}`];
  const lacking = official.filter((value) => !ours.includes(value));
  const more = ours.filter((value) => !official.includes(value));
  return [
    ...(lacking.length > 0 ? [`values lack ${lacking.join(' ')}`] : []),
    ...(more.length > 0 ? [`values have ${more.join(' ')} too`] : []),
  ];
}

function memberDifferences(ours: Shape, official: Shape, at: (step: string) => Place): string[] {
  const found: string[] = [];
  for (const [name, member] of official.members) {
    const same = ours.members.get(name);
    const { path, isReadOnly } = at(`.${name}`);
    if (same === undefined) {
      found.push(`${path}: is missing`);
      continue;
    }
    if (same.isRequired !== member.isRequired) {
      found.push(`${path}: ${member.isRequired ? 'is required' : 'is not required'}`);
    }
    found.push(...differences(same.shape, member.shape, { path, isReadOnly }));
  }
  for (const name of ours.members.keys()) {
    if (!official.members.has(name)) found.push(`${at(`.${name}`).path}: is not in the contract`);
  }
  return found;
}

function kindDifferences(ours: Shape, official: Shape, at: (step: string) => Place): string[] {
  const found: string[] = [];
  for (const [kind, shape] of official.kinds) {
    const same = ours.kinds.get(kind);
    if (same === undefined) found.push(`${at(`<${kind}>`).path}: kind is missing`);
    else found.push(...differences(withoutKind(same), withoutKind(shape), at(`<${kind}>`)));
  }
  for (const kind of ours.kinds.keys()) {
    if (!official.kinds.has(kind)) {
      found.push(`${at(`<${kind}>`).path}: kind is not in the contract`);
    }
  }
  return found;
}

/** The discriminator has every kind's name on one side, and its own on the other: the kinds themselves are compared. */
function withoutKind(shape: Shape): Shape {
  const members = new Map(shape.members);
  members.delete('kind');
  return { ...shape, members, kinds: new Map() };
}
