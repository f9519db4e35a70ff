/**
 * Refusals that concern the caller: who it is, what it may do, and how often (arm-protocol §2.2). Each text is ARM's own, with
 * its source; ours are marked `[ours]`.
 */
import { type ErrorBody, RefusedError } from '#shared/failure.ts';
import { shortened } from '#shared/outline.ts';

/** Where a caller is told to sign in. */
export interface Challenge {
  /** `https://host:port/{tenant}`: tools read a subscription's tenant out of it [gh]. */
  readonly authority: string;
}

/** 401 with the header that ARM sends [gh]; its description is the message, in which ARM puts no double quotes. */
function unauthenticated(
  challenge: Challenge,
  failure: ErrorBody,
  description: string,
): RefusedError {
  const error = `error="invalid_token", error_description="${description.replaceAll('"', "'")}"`;
  return new RefusedError(401, failure, {
    refusedBy: 'gateway',
    headers: {
      'www-authenticate': `Bearer authorization_uri="${challenge.authority}", ${error}`,
    },
  });
}

/** As `unauthenticated`, with the message as the description in the header. */
const rejected = (challenge: Challenge, code: string, message: string): RefusedError =>
  unauthenticated(challenge, { code, message }, message);

export const accessErrors = {
  /** [gh] */
  missingToken: (challenge: Challenge) =>
    unauthenticated(
      challenge,
      {
        code: 'AuthenticationFailed',
        message: "Authentication failed. The 'Authorization' header is missing.",
      },
      "The authentication failed because of missing 'Authorization' header.",
    ),

  /** The scheme is not Bearer, or no token follows it [gh]. */
  malformedHeader: (challenge: Challenge) =>
    rejected(
      challenge,
      'AuthenticationFailedInvalidHeader',
      "Authentication failed. The 'Authorization' header is provided in an invalid format.",
    ),

  /** It is not a token, or not signed by us [gh for the code, mem for the text]. */
  invalidToken: (challenge: Challenge) =>
    rejected(challenge, 'InvalidAuthenticationToken', 'The access token is invalid.'),

  /** [gh for the code, mem for the text] */
  expiredToken: (challenge: Challenge, expiredAt: string, now: string) =>
    rejected(
      challenge,
      'ExpiredAuthenticationToken',
      `The access token expiry UTC time '${expiredAt}' is earlier than current UTC time '${now}'.`,
    ),

  /** [mem] */
  wrongAudience: (challenge: Challenge, audience: string, allowed: readonly string[]) =>
    rejected(
      challenge,
      'InvalidAuthenticationTokenAudience',
      `The access token has been obtained for wrong audience or resource '${audience}'. ` +
        `It should exactly match with one of the allowed audiences '${allowed.join("','")}'.`,
    ),

  /** [mem] */
  authorizationFailed: (
    caller: { readonly name: string; readonly objectId: string },
    action: string,
    scope: string,
  ) =>
    new RefusedError(
      403,
      {
        code: 'AuthorizationFailed',
        message:
          `The client '${caller.name}' with object id '${caller.objectId}' does not have authorization ` +
          `to perform action '${action}' over scope '${scope}' or the scope is invalid. ` +
          'If access was recently granted, please refresh your credentials.',
      },
      { refusedBy: 'gateway' },
    ),

  /** The emulator's own doors are open to administrators only `[ours]`. */
  notAdministrator: (caller: { readonly name: string; readonly objectId: string }) =>
    new RefusedError(403, {
      code: 'AuthorizationFailed',
      message:
        `The client '${caller.name}' with object id '${caller.objectId}' is not an administrator of the emulator: ` +
        'calls below /_edgetwin need the role EmulatorAdmin (EDGETWIN_CLIENTS).',
    }),

  /** A page of another site calls what is for pages of this machine `[ours]`. */
  foreignPage: (origin: string, what: string) =>
    new RefusedError(403, {
      code: 'ForeignOrigin',
      message:
        `Pages of '${shortened(origin)}' may not use ${what}. ` +
        'Serve the page from localhost, or name its origin in EDGETWIN_CORS (for ARM only).',
    }),

  /** With the number of seconds in the header too [gh]. */
  throttled: (given: {
    readonly kind: string;
    readonly subscriptionId: string;
    readonly actor: string;
    readonly retryAfterS: number;
  }) =>
    new RefusedError(
      429,
      {
        code: 'SubscriptionRequestsThrottled',
        message:
          `Number of '${given.kind}' requests for subscription '${given.subscriptionId}' actor '${given.actor}' exceeded. ` +
          `Please try again after '${given.retryAfterS}' seconds.`,
      },
      { refusedBy: 'gateway', headers: { 'retry-after': String(given.retryAfterS) } },
    ),
} as const;
