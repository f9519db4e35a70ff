/**
 * Expected errors as values. Below the protocol nothing throws for what a caller did wrong; it returns a `Failure`,
 * and the door puts it into the envelope (envelope.ts).
 */

/** One fault of one field: where it is (a JSON path such as `properties.days[0]`), and what to do about it. */
export interface Fault {
  readonly target: string;
  readonly message: string;
  /** The field's own code where it differs from the request's. */
  readonly code?: string;
}

/** What an error says to a client. `code` is PascalCase and stable; `message` is for people. */
export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
  readonly details?: readonly ErrorBody[];
}

/**
 * What a failure means to the caller; the HTTP status follows from it (arm/errors.ts).
 *
 * - `invalid`: the request cannot be carried out as things are; the caller has to change it, or the state, first.
 * - `notFound`: something that the request refers to does not exist.
 * - `conflict`: something else is in progress or stands in the way; the same request may succeed later.
 * - `limit`: there would be more of something than there may be.
 * - `internal`: the service itself failed.
 */
export type FailureKind = 'invalid' | 'notFound' | 'conflict' | 'limit' | 'internal';

/** Why something was refused or went wrong. */
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

/** How a refusal is sent, besides its status and its envelope. */
export interface Refusal {
  /** Who refuses: ARM's gateway marks its own answers with `x-ms-failure-cause: gateway` [rec 17]. */
  readonly refusedBy?: 'gateway' | 'service';
  /** Lower case names. */
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
