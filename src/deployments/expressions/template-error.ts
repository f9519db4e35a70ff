/** What is thrown inside the engine of template expressions, and only there: turned into refusals by its callers. */
import type { JsonObject } from '#shared/json.ts';

/** The template, its parameters or an expression in it is wrong. */
export class TemplateError extends Error {
  readonly code: string;

  constructor(message: string, code = 'InvalidTemplate') {
    super(message);
    this.name = 'TemplateError';
    this.code = code;
  }
}

/** What an expression asks of the world: what a resource shows, or the answer of one of its `list…` actions. */
export interface Want {
  readonly kind: 'reference' | 'list';
  /** Symbolic name, resource name or id, as written. */
  readonly resource: string;
  readonly apiVersion: string | undefined;
  /** The whole resource rather than its properties. */
  readonly isFull: boolean;
  /** `listKeys`; empty for references. */
  readonly action: string;
  readonly body: JsonObject | undefined;
}

/** Two equal wants have the same key. */
export const keyOfWant = (want: Want): string => JSON.stringify(want);

/** An expression needs something of the world that its scope does not have at hand. */
export class WantedError extends Error {
  readonly want: Want;

  constructor(want: Want) {
    super(`The template function '${want.action || 'reference'}' is known at run time only.`);
    this.name = 'WantedError';
    this.want = want;
  }
}
