/**
 * Failures: expected errors as values. Below the protocol, nothing throws because of what a caller did; functions return a
 * `Failure`, and the door puts it into the error envelope (envelope.ts).
 */

import type { JsonObject } from './json.ts';

/** What is wrong with one field: its path (a JSON path such as `properties.days[0]`) and how to correct it. */
export interface Fault {
  readonly target: string;
  readonly message: string;
  /** The code of this field, where it differs from that of the request. */
  readonly code?: string;
}

/** `text`, the message of the first fault, and how many there are besides it. */
export const withFurther = (text: string, further: number): string =>
  further > 0 ? `${text.replace(/\.$/, '')} (and ${further} more; see details).` : text;

/** What an error says to a client. `code` is PascalCase and stable; `message` is for people. */
export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
  readonly details?: readonly ErrorBody[];
  /** Members that only errors of this code have, such as the place in a query. Small, whoever makes them sees to that. */
  readonly more?: JsonObject;
}

/**
 * What a failure means to the caller; the HTTP status follows from it (arm/errors.ts).
 *
 * - `invalid`: the request cannot be carried out as things are; the caller has to change it, or the state, first.
 * - `notFound`: something that the request refers to does not exist.
 * - `conflict`: something else is in progress or in the way; the same request may succeed later.
 * - `limit`: there would be more of something than there may be.
 * - `internal`: the service itself failed.
 */
export type FailureKind = 'invalid' | 'notFound' | 'conflict' | 'limit' | 'internal';

/** Why something was refused or has failed. */
export interface Failure extends ErrorBody {
  readonly kind: FailureKind;
}

/** A failure as the database has it: until release 0.1 they were stored without a kind. */
type StoredFailure = Omit<Failure, 'kind'> & Partial<Pick<Failure, 'kind'>>;

/** Reads a failure from its stored JSON text, and gives it a kind where it has none. */
export function readFailure(json: string): Failure {
  const stored = JSON.parse(json) as StoredFailure;
  return { ...stored, kind: stored.kind ?? kindOf(stored) };
}

const kindOf = ({ code }: ErrorBody): FailureKind =>
  code === 'InternalServerError' ? 'internal' : 'invalid';

/** What a refusal has besides status and body. */
export interface Refusal {
  /** The part that refuses. ARM's gateway marks its refusals with `x-ms-failure-cause: gateway` [rec 17]. */
  readonly refusedBy?: 'gateway' | 'service';
  /** Headers of the response, with names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error on its way to a door, thrown only above the simulators, with the HTTP status that it is sent with. */
export class RefusedError extends Error {
  readonly status: number;
  readonly failure: ErrorBody;
  readonly refusedBy: 'gateway' | 'service';
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, failure: ErrorBody, { refusedBy, headers }: Refusal = {}) {
    super(failure.message);
    this.name = 'RefusedError';
    this.status = status;
    this.failure = failure;
    this.refusedBy = refusedBy ?? 'service';
    this.headers = headers ?? {};
  }
}
