/**
 * Refusals of a request as such: its path, api-version, headers, query and body. Each text is the service's or ARM's own, with
 * its source; ours are marked `[ours]`.
 */
import { type Fault, withFurther } from '#shared/failure.ts';
import { shortened } from '#shared/outline.ts';
import { gateway, service } from './refused-by.ts';

/** Some of ARM's own texts begin in this way already. */
const invalidText = (text: string): string =>
  text.startsWith('The request content was invalid')
    ? text
    : `The request content was invalid: ${text}`;

/** What a user can do about an api-version that came after this release; nothing is added to ARM's text for any other. */
const looseHint = (version: string, isNewer: boolean): string =>
  isNewer && /^\d{4}-\d{2}-\d{2}/.test(version)
    ? ' Start the service with EDGETWIN_API_VERSIONS=loose to have newer ones served as the newest of these.'
    : '';

export const requestErrors = {
  /** The query has no api-version [gh]. */
  missingApiVersion: () =>
    gateway(400, {
      code: 'MissingApiVersionParameter',
      message: 'The api-version query parameter (?api-version=) is required for all requests.',
    }),

  /** An api-version that the type does not have, on a path whose location is known: that of one resource [gh]. */
  noRegisteredProvider: (given: {
    location: string;
    version: string;
    type: string;
    versions: readonly string[];
    isNewer?: boolean;
    locations: readonly string[];
  }) =>
    gateway(400, {
      code: 'NoRegisteredProviderFound',
      message:
        `No registered resource provider found for location '${given.location}' and API version '${given.version}' ` +
        `for type '${given.type}'. The supported api-versions are '${given.versions.join(', ')}'. ` +
        `The supported locations are '${given.locations.join(', ')}'.${looseHint(given.version, given.isNewer === true)}`,
    }),

  /** As `noRegisteredProvider`, on the path of a collection; or a type that does not exist [gh, rad]. */
  invalidResourceType: ({
    type,
    namespace,
    version,
    versions,
    isNewer = false,
  }: {
    readonly type: string;
    readonly namespace: string;
    readonly version: string;
    readonly versions: readonly string[];
    readonly isNewer?: boolean;
  }) =>
    gateway(404, {
      code: 'InvalidResourceType',
      message:
        `The resource type '${type}' could not be found in the namespace '${namespace}' for api version '${version}'.` +
        (versions.length === 0 ? '' : ` The supported api-versions are '${versions.join(',')}'.`) +
        looseHint(version, isNewer),
    }),

  /** An api-version that one of ARM's own endpoints does not have [gh]. */
  invalidApiVersion: (version: string, versions: readonly string[], isNewer = false) =>
    gateway(400, {
      code: 'InvalidApiVersionParameter',
      message:
        `The api-version '${version}' is invalid. The supported versions are '${versions.join(',')}'.` +
        looseHint(version, isNewer),
    }),

  /** A path that no type has. `[ours]`: ARM's own text is in no source. */
  routeNotFound: (method: string, path: string) =>
    gateway(404, {
      code: 'NotFound',
      message: `There is nothing at '${method} ${path}'.`,
    }),

  /** The code is [mem], the text `[ours]`. */
  methodNotAllowed: (method: string, path: string) =>
    gateway(405, {
      code: 'MethodNotAllowed',
      message: `The HTTP method '${method}' is not supported at '${path}'.`,
    }),

  /** Malformed JSON: ARM's own prefix, and the parser's text [gh]. */
  malformedContent: (parserMessage: string) =>
    gateway(400, {
      code: 'InvalidRequestContent',
      message: `The request content was invalid and could not be deserialized: '${parserMessage}'.`,
    }),

  /** All faults of a body at once. The code is ARM's [gh], the details are `[ours]`. */
  invalidContent: (faults: readonly Fault[]) =>
    gateway(400, {
      code: 'InvalidRequestContent',
      message: withFurther(
        invalidText(faults[0]?.message ?? 'it does not fit the type.'),
        faults.length - 1,
      ),
      ...(faults[0] === undefined ? {} : { target: faults[0].target }),
      details: faults.map((fault) => ({
        code: fault.code ?? 'InvalidRequestContent',
        message: fault.message,
        target: fault.target,
      })),
    }),

  /** A fault: ARM refuses top-level members that a tracked resource does not have [gh]. */
  unknownMember: (member: string) => ({
    target: shortened(member),
    message:
      'The request content was invalid and could not be deserialized: ' +
      `'Could not find member '${shortened(member)}' on object of type 'ResourceDefinition'. Path '${shortened(member)}'.'.`,
  }),

  /** A `$skipToken`, `$top` or filter that cannot be read [inf]. */
  invalidQuery: (parameter: string, message: string) =>
    gateway(400, { code: 'InvalidQueryParameter', message, target: parameter }),

  /** [aro] */
  unsupportedMediaType: (given: string) =>
    gateway(415, {
      code: 'UnsupportedMediaType',
      message: `The content media type '${given}' is not supported. Only 'application/json' is supported.`,
    }),

  /** A body in an encoding or charset that is not read `[ours]`. */
  unsupportedEncoding: (what: 'encoding' | 'charset', given: string) =>
    gateway(415, {
      code: 'UnsupportedMediaType',
      message: `The content ${what} '${shortened(given)}' is not supported. Send the content as plain UTF-8.`,
    }),

  /** The code is [mem], the text `[ours]`. */
  contentTooLarge: (limitBytes: number) =>
    gateway(413, {
      code: 'RequestContentTooLarge',
      message: `The request content is larger than the limit of ${limitBytes} bytes.`,
    }),

  /** A request that Node cannot read as HTTP `[ours]`. */
  unreadableRequest: () =>
    gateway(400, { code: 'BadRequest', message: 'The request could not be read as HTTP.' }),
  /** A request whose headers or body did not come in time `[ours]`. */
  requestTimeout: () =>
    gateway(408, {
      code: 'RequestTimeout',
      message: 'The request did not arrive in time. Send it again.',
    }),
  /** `[ours]` */
  headersTooLarge: () =>
    gateway(431, {
      code: 'RequestHeaderFieldsTooLarge',
      message: 'The URL and the headers of the request are too long together.',
    }),
  /** A `Host` header that is not a host `[ours]`. */
  invalidHost: (host: string) =>
    gateway(400, { code: 'BadRequest', message: `The host '${shortened(host)}' is not valid.` }),

  /** A host that the service does not know as its own `[ours]`: 421 is what HTTP has for it [rfc9110]. */
  foreignHost: (host: string) =>
    gateway(421, {
      code: 'MisdirectedRequest',
      message:
        `The service is not known as '${shortened(host)}'. Call it as localhost or under the address that it listens on; ` +
        'EDGETWIN_NAMES adds names.',
    }),

  /** The disk of the store is full `[ours]`; the status is WebDAV's, which HTTP has no other for [rfc4918]. */
  storageFull: () =>
    service(507, {
      code: 'InsufficientStorage',
      message: 'The disk of the service is full. Nothing was changed; retry once there is room.',
    }),

  /** Anything that is not expected. */
  internal: (correlationId: string) =>
    service(500, {
      code: 'InternalServerError',
      message: `An unexpected error occurred. It was logged under correlation id ${correlationId}.`,
    }),
} as const;
