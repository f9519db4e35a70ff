/** The tree that a query is read into. */
import type { Part } from './invalid-query.ts';

export type Literal = string | number | boolean;

export type Expression = Part &
  (
    | { readonly is: 'literal'; readonly value: Literal }
    | { readonly is: 'column'; readonly name: string }
    /** `tags['env']`, `properties.a`, `split(id, '/')[2]`. */
    | { readonly is: 'member'; readonly of: Expression; readonly member: string | number }
    | { readonly is: 'call'; readonly name: string; readonly given: readonly Expression[] }
    | { readonly is: 'and' | 'or'; readonly terms: readonly Expression[] }
    | {
        readonly is: 'compare';
        readonly by: Comparison;
        readonly left: Expression;
        readonly right: Expression;
      }
    | {
        readonly is: 'in';
        readonly by: Membership;
        readonly left: Expression;
        readonly among: readonly Expression[];
      }
  );

export const COMPARISONS = [
  ...(['==', '!=', '=~', '!~', '<', '<=', '>', '>='] as const),
  ...(['contains', '!contains', 'contains_cs', '!contains_cs'] as const),
  ...(['startswith', '!startswith', 'startswith_cs', '!startswith_cs'] as const),
  ...(['endswith', '!endswith', 'endswith_cs', '!endswith_cs'] as const),
  ...(['has', '!has', 'has_cs', '!has_cs'] as const),
] as const;
export type Comparison = (typeof COMPARISONS)[number];

export const MEMBERSHIPS = ['in', '!in', 'in~', '!in~'] as const;
export type Membership = (typeof MEMBERSHIPS)[number];

/** A column that an operator makes: with the name that was given to it, or that follows from its expression. */
export interface Named {
  readonly name: string | undefined;
  readonly expression: Expression;
}

export interface SortKey {
  readonly expression: Expression;
  readonly isAscending: boolean;
  readonly areNullsFirst: boolean;
}

/** `part` is the operator's own word. */
export type Operator = { readonly part: Part } & (
  | { readonly is: 'where'; readonly condition: Expression }
  | { readonly is: 'project' | 'extend'; readonly columns: readonly Named[] }
  /** Names, of which an asterisk stands for any characters. */
  | { readonly is: 'project-away'; readonly names: readonly Part[] }
  | {
      readonly is: 'summarize';
      readonly aggregates: readonly Named[];
      readonly by: readonly Named[];
    }
  | { readonly is: 'distinct'; readonly columns: readonly Named[] | '*' }
  | { readonly is: 'order'; readonly keys: readonly SortKey[] }
  | { readonly is: 'take'; readonly count: number }
  | { readonly is: 'top'; readonly count: number; readonly keys: readonly SortKey[] }
  | { readonly is: 'count' }
);

export interface Query {
  /** As written; undefined where the query begins with an operator. */
  readonly table: Part | undefined;
  readonly operators: readonly Operator[];
}
