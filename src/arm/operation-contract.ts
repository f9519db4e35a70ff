/**
 * What a route promises its clients, in every api-version at once: parameters, bodies, statuses, long-running marks. Made
 * from the same declarations as the route (`routes.ts`); the documents are made from it (`openapi.ts`, `document.ts`).
 */
import type { Published, ResourceDeclaration } from './declaration.ts';
import { nodeOf, type SchemaNode } from './schema.ts';
import type { Span } from './versions.ts';

/** What a body holds, with all its marks. */
export interface Model {
  readonly schema: SchemaNode;
  /** By kind, for what differs by kind; each is whole. */
  readonly kinds?: Readonly<Record<string, SchemaNode>>;
  /** A page of such things. */
  readonly isList?: boolean;
  /** The page's name, where it is not the thing's with `List` behind it. */
  readonly listName?: string;
}

export interface OperationContract {
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  /** Names in the path, in order. */
  readonly parameters: readonly string[];
  readonly body?: { readonly model: Model; readonly isOptional: boolean };
  /** Statuses of success; what each shows, or undefined for no body. */
  readonly answers: Readonly<Record<number, Model | undefined>>;
  /** It takes steps. */
  readonly isLongRunning: boolean;
  /** It answers in pages. */
  readonly isPageable: boolean;
  readonly published: Published;
}

/** Every api-version. */
const ALWAYS: Span = '..';

/** The api-versions that mark it as long-running; undefined: none. */
export function longRunningIn({ isLongRunning, published }: OperationContract): Span | undefined {
  return published.longRunningIn ?? (isLongRunning ? ALWAYS : undefined);
}

/** A resource, as a GET shows it and a PUT sends it. */
export function modelOf(type: ResourceDeclaration): Model {
  if (type.kinds === undefined) return { schema: nodeOf(type.schema) };
  const kinds = Object.entries(type.kinds).map(([kind, schema]) => [kind, nodeOf(schema)] as const);
  return { schema: nodeOf(type.schema), kinds: Object.fromEntries(kinds) };
}

/** `answers` with the statuses that are published in their place; each keeps its body where it has one. */
export function answersOf(
  answers: OperationContract['answers'],
  published: Published,
): OperationContract['answers'] {
  const { statuses } = published;
  if (statuses === undefined) return answers;
  return Object.fromEntries(statuses.map((status) => [status, answers[status]]));
}
