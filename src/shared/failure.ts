/**
 * Expected trouble as a value. Below the protocol nothing throws for what a caller did wrong; it returns a `Failure`,
 * and the door puts it into the envelope (envelope.ts).
 */

/** One fault of one field: where it is (a JSON path such as `properties.days[0]`), and what to do about it. */
export interface Fault {
  readonly target: string;
  readonly message: string;
  /** The field's own code where it differs from the request's. */
  readonly code?: string;
}

/** Why something was refused or went wrong. `code` is PascalCase and stable; `message` is for people. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
  readonly details?: readonly Failure[];
}

/** How a refusal goes out, besides its status and its envelope. */
export interface Refusal {
  /** Who refuses: ARM's gateway marks its own answers with `x-ms-failure-cause: gateway` [rec 17]. */
  readonly refusedBy?: 'gateway' | 'service';
  /** Lower case names. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A `Failure` on its way to a door, thrown only above the simulators, with the HTTP status it asks for. */
export class RefusedError extends Error {
  readonly status: number;
  readonly failure: Failure;
  readonly refusedBy: 'gateway' | 'service';
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, failure: Failure, { refusedBy, headers }: Refusal = {}) {
    super(failure.message);
    this.name = 'RefusedError';
    this.status = status;
    this.failure = failure;
    this.refusedBy = refusedBy ?? 'service';
    this.headers = headers ?? {};
  }
}
