/** The errors of reading and evaluating templates, which callers convert to refusals. */
import type { JsonObject } from '#shared/json.ts';

/** A fault of a template, of its parameters, or of an expression in it. */
export class TemplateError extends Error {
  readonly code: string;
  /** Where in the template it is; undefined: it is not known, or in no one place. */
  place: PlaceInTemplate | undefined;

  constructor(message: string, code = 'InvalidTemplate') {
    super(message);
    this.name = 'TemplateError';
    this.code = code;
  }
}

/** A member of one of the template's sections, by its name or its index: `['resources', 0]`. */
export type PlaceInTemplate = readonly [section: string, member: string | number];

/** Carries out `work`, and names the place of a fault that it finds. A fault of a nested template has none. */
export function placed<T>(place: PlaceInTemplate | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TemplateError) error.place = place;
    throw error;
  }
}

/** A reference of an expression that is read at run time: a resource, or the answer of one of its `list…` actions. */
export interface PendingReference {
  readonly kind: 'reference' | 'list';
  /** Symbolic name, resource name or id, as in the template. */
  readonly resource: string;
  readonly apiVersion: string | undefined;
  /** The whole resource instead of its properties. */
  readonly isFull: boolean;
  /** `listKeys`; empty for references. */
  readonly action: string;
  readonly body: JsonObject | undefined;
}

/** Equal references have the same key. */
export const keyOfReference = (reference: PendingReference): string => JSON.stringify(reference);

/** Thrown where an expression needs a reference that has not been read yet. */
export class UnresolvedReferenceError extends Error {
  readonly reference: PendingReference;

  constructor(reference: PendingReference) {
    super(`The template function '${reference.action || 'reference'}' is known at run time only.`);
    this.name = 'UnresolvedReferenceError';
    this.reference = reference;
  }
}
