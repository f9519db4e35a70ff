/**
 * The catalogue of refusals: everything that a client can do wrong ends in one of these, with the status, code and text that
 * the service or ARM itself uses. `errors/access.ts` has those about callers.
 */
import type { Failure, FailureKind } from '#shared/failure.ts';
import { requestErrors } from './errors/request.ts';
import { resourceErrors } from './errors/resource.ts';
import { scopeErrors } from './errors/scope.ts';

export const errors = { ...requestErrors, ...scopeErrors, ...resourceErrors } as const;

/**
 * The HTTP status of each kind of failure. What a request refers to and is `notFound` is a fault of the request, hence 400:
 * a resource that is missing under the request's own URL is refused with 404 before anything can fail.
 */
const STATUSES: Readonly<Record<FailureKind, number>> = {
  invalid: 400,
  notFound: 400,
  limit: 400,
  conflict: 409,
  internal: 500,
};

/** The HTTP status that a failure is answered with. */
export const statusOf = ({ kind }: Failure): number => STATUSES[kind];
