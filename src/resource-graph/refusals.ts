/** Refusals of Resource Graph: a text for its support, and details that say what is wrong [gh azure-powershell#13762, aztfexport#485]. */
import { type ErrorBody, RefusedError } from '#shared/failure.ts';
import { shortened } from '#shared/outline.ts';
import type { InvalidQueryError } from './query/invalid-query.ts';

/** When a request was refused, and which. */
export interface Mark {
  readonly at: string;
  readonly correlationId: string;
}

const refused = ({ at, correlationId }: Mark, details: readonly ErrorBody[]): RefusedError =>
  new RefusedError(400, {
    code: 'BadRequest',
    message: `Please provide below info when asking for support: timestamp = ${at}, correlationId = ${correlationId}.`,
    details,
  });

/** [gh aztfexport#491] */
export const noSubscriptions = (mark: Mark, given: readonly string[]): RefusedError =>
  refused(mark, [
    {
      code: 'NoValidSubscriptionsInQueryRequest',
      message: `There must be at least one subscription that is eligible to contain resources. Given: '${shortened(given.join(','))}'.`,
    },
  ]);

const INVALID: ErrorBody = {
  code: 'InvalidQuery',
  message:
    'Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying.',
};

/** The part that is not understood as recorded; the detail behind it, which says in words what is wrong with it, is `[ours]`. */
export function invalidQuery(
  mark: Mark,
  { fault, message, part }: InvalidQueryError,
): RefusedError {
  if (fault === 'DisallowedLogicalTableName') return refused(mark, [{ code: fault, message }]);
  const more =
    part === undefined
      ? {}
      : {
          line: part.line,
          characterPositionInLine: part.character,
          token: shortened(part.text),
        };
  return refused(mark, [
    INVALID,
    { code: fault, message: fault, more },
    { code: 'Explanation', message },
  ]);
}
