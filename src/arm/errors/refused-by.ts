/** Who refuses a request: ARM itself, or the service behind it [rec 17]. */
import { type ErrorBody, RefusedError } from '#shared/failure.ts';

/** A refusal by ARM, before the service is asked. */
export const gateway = (status: number, error: ErrorBody): RefusedError =>
  new RefusedError(status, error, { refusedBy: 'gateway' });

/** A refusal by the service. */
export const service = (status: number, error: ErrorBody): RefusedError =>
  new RefusedError(status, error);
