/**
 * The catalogue of refusals: status, code and text, each as the service or ARM itself words it, with the source; our
 * own are marked `[ours]`. Everything that a client can do wrong at this door ends in one of these.
 */
import {
  type ErrorBody,
  type Failure,
  type FailureKind,
  type Fault,
  RefusedError,
} from '#shared/failure.ts';

const gateway = (status: number, failure: ErrorBody): RefusedError =>
  new RefusedError(status, failure, { refusedBy: 'gateway' });
const service = (status: number, failure: ErrorBody): RefusedError =>
  new RefusedError(status, failure);

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

/** ARM's own texts begin so already. */
const invalidText = (text: string): string =>
  text.startsWith('The request content was invalid')
    ? text
    : `The request content was invalid: ${text}`;

export const errors = {
  /** [gh] */
  missingApiVersion: () =>
    gateway(400, {
      code: 'MissingApiVersionParameter',
      message: 'The api-version query parameter (?api-version=) is required for all requests.',
    }),

  /** For a resource whose location is known: PUT, GET … of one resource [gh]. */
  noRegisteredProvider: (given: {
    location: string;
    version: string;
    type: string;
    versions: readonly string[];
    locations: readonly string[];
  }) =>
    gateway(400, {
      code: 'NoRegisteredProviderFound',
      message:
        `No registered resource provider found for location '${given.location}' and API version '${given.version}' ` +
        `for type '${given.type}'. The supported api-versions are '${given.versions.join(', ')}'. ` +
        `The supported locations are '${given.locations.join(', ')}'.`,
    }),

  /** For collections and unknown types [gh, rad]. */
  invalidResourceType: ({
    type,
    namespace,
    version,
    versions,
  }: {
    readonly type: string;
    readonly namespace: string;
    readonly version: string;
    readonly versions: readonly string[];
  }) =>
    gateway(404, {
      code: 'InvalidResourceType',
      message:
        `The resource type '${type}' could not be found in the namespace '${namespace}' for api version '${version}'.` +
        (versions.length === 0 ? '' : ` The supported api-versions are '${versions.join(',')}'.`),
    }),

  /** On ARM's own endpoints [gh]. */
  invalidApiVersion: (version: string, versions: readonly string[]) =>
    gateway(400, {
      code: 'InvalidApiVersionParameter',
      message: `The api-version '${version}' is invalid. The supported versions are '${versions.join(',')}'.`,
    }),

  /** [aro; status mem] */
  invalidNamespace: (namespace: string) =>
    gateway(404, {
      code: 'InvalidResourceNamespace',
      message: `The resource namespace '${namespace}' is invalid.`,
    }),

  /** [gh] */
  invalidSubscriptionId: (given: string) =>
    gateway(400, {
      code: 'InvalidSubscriptionId',
      message: `The provided subscription identifier '${given}' is malformed or invalid.`,
    }),

  /** [gh] */
  subscriptionNotFound: (id: string) =>
    gateway(404, {
      code: 'SubscriptionNotFound',
      message: `The subscription '${id}' could not be found.`,
    }),

  /** [gh, rpc] */
  resourceGroupNotFound: (name: string) =>
    gateway(404, {
      code: 'ResourceGroupNotFound',
      message: `Resource group '${name}' could not be found.`,
    }),

  /** A tracked resource; `type` in its registered casing [rec 17]. */
  resourceNotFound: (type: string, name: string, resourceGroup: string) =>
    gateway(404, {
      code: 'ResourceNotFound',
      message:
        `The Resource '${type}/${name}' under resource group '${resourceGroup}' was not found. ` +
        'For more details please go to https://aka.ms/ARMResourceNotFoundFix',
    }),

  /** [gh] */
  parentNotFound: (name: string) =>
    gateway(404, {
      code: 'ParentResourceNotFound',
      message: `Can not perform requested operation on nested resource. Parent resource '${name}' not found.`,
    }),

  /** A child or a singleton [rec 18]. */
  entityNotFound: (name: string) =>
    service(404, {
      code: 'GatewayUserErrorEntityNotFound',
      message: `Could not find the entity ${name}. \r\nProvide a valid entity name and retry the operation.`,
    }),

  /** A path that no type has `[ours]`: ARM's text for it is in no source read. */
  routeNotFound: (method: string, path: string) =>
    gateway(404, {
      code: 'NotFound',
      message: `There is nothing at '${method} ${path}'.`,
    }),

  /** [mem] for the code, `[ours]` for the text. */
  methodNotAllowed: (method: string, path: string) =>
    gateway(405, {
      code: 'MethodNotAllowed',
      message: `The HTTP method '${method}' is not supported at '${path}'.`,
    }),

  /** Malformed JSON: ARM's prefix with the parser's own text [gh]. */
  malformedContent: (parserMessage: string) =>
    gateway(400, {
      code: 'InvalidRequestContent',
      message: `The request content was invalid and could not be deserialized: '${parserMessage}'.`,
    }),

  /** Faults of fields, all at once: the code is ARM's [gh], the details are `[ours]`. */
  invalidContent: (faults: readonly Fault[]) =>
    gateway(400, {
      code: 'InvalidRequestContent',
      message:
        invalidText(faults[0]?.message ?? 'it does not fit the type.') +
        (faults.length > 1 ? ` (and ${faults.length - 1} more, see details)` : ''),
      ...(faults[0] === undefined ? {} : { target: faults[0].target }),
      details: faults.map((fault) => ({
        code: fault.code ?? 'InvalidRequestContent',
        message: fault.message,
        target: fault.target,
      })),
    }),

  /** ARM refuses top-level members that a tracked resource does not have [gh]. */
  unknownMember: (member: string) => ({
    target: member,
    message:
      'The request content was invalid and could not be deserialized: ' +
      `'Could not find member '${member}' on object of type 'ResourceDefinition'. Path '${member}'.'.`,
  }),

  /** [gh] */
  locationRequired: () =>
    gateway(400, {
      code: 'LocationRequired',
      message: 'The location property is required for this definition.',
    }),

  /** [gh] */
  locationNotAvailable: (location: string, type: string, locations: readonly string[]) =>
    gateway(400, {
      code: 'LocationNotAvailableForResourceType',
      message:
        `The provided location '${location}' is not available for resource type '${type}'. ` +
        `List of available regions for the resource type is '${locations.join(',')}'.`,
    }),

  /** [gh] */
  locationChanged: ({
    name,
    group,
    from,
    to,
  }: {
    readonly name: string;
    readonly group: string;
    readonly from: string;
    readonly to: string;
  }) =>
    gateway(409, {
      code: 'InvalidResourceLocation',
      message:
        `The resource '${name}' already exists in location '${from}' in resource group '${group}'. ` +
        `A resource with the same name cannot be created in location '${to}'. Please select a new resource name.`,
    }),

  /** [gh] */
  groupLocationChanged: (from: string, to: string) =>
    gateway(409, {
      code: 'InvalidResourceGroupLocation',
      message: `Invalid resource group location '${to}'. The Resource group already exists in location '${from}'.`,
    }),

  /** [gh] */
  groupBeingDeleted: (name: string) =>
    gateway(409, {
      code: 'ResourceGroupBeingDeleted',
      message: `The resource group '${name}' is in deprovisioning state and cannot perform this operation.`,
    }),

  /** [doc] for status and code, [mem] for the text. */
  scopeLocked: (path: string, verb: string, locked: readonly string[]) =>
    gateway(409, {
      code: 'ScopeLocked',
      message:
        `The scope '${path}' cannot perform ${verb} operation because following scope(s) are locked: ` +
        `'${locked.join(', ')}'. Please remove the lock and try again.`,
    }),

  /** Both hints of arm-protocol §6.3: the namespace last in quotes, and as the detail's target [gh, go, ran]. */
  missingRegistration: (namespace: string) => {
    const message =
      `The subscription is not registered to use namespace '${namespace}'. ` +
      'See https://aka.ms/rps-not-found for how to register subscriptions.';
    const code = 'MissingSubscriptionRegistration';
    return gateway(409, { code, message, details: [{ code, target: namespace, message }] });
  },

  /** [mem] */
  readOnlySubscription: (id: string) =>
    gateway(409, {
      code: 'ReadOnlyDisabledSubscription',
      message:
        `The subscription '${id}' is disabled and therefore marked as read only. You cannot perform any ` +
        'write actions on this subscription until it is re-enabled.',
    }),

  /** A second write while one runs: status and code from ARM's rule [doc, rad], the text `[ours]`. */
  operationInProgress: (name: string) =>
    service(409, {
      code: 'AnotherOperationInProgress',
      message: `Another operation on '${name}' is in progress. Wait until it has ended and retry.`,
    }),

  /** Others changed what the request depends on each time that it was tried; code and text are `[ours]`. */
  concurrentChanges: () =>
    service(409, {
      code: 'ConcurrentChanges',
      message:
        'What the request depends on was being changed by other requests. Retry the request.',
    }),

  /** The status and code are [rpc, rad], the text is `[ours]`. */
  preconditionFailed: () =>
    gateway(412, {
      code: 'PreconditionFailed',
      message:
        'The condition set in the request headers was not met: the resource is in another state.',
    }),

  /** [aro] */
  unsupportedMediaType: (given: string) =>
    gateway(415, {
      code: 'UnsupportedMediaType',
      message: `The content media type '${given}' is not supported. Only 'application/json' is supported.`,
    }),

  /** [mem] for the code, `[ours]` for the text. */
  contentTooLarge: (limitBytes: number) =>
    gateway(413, {
      code: 'RequestContentTooLarge',
      message: `The request content is larger than the limit of ${limitBytes} bytes.`,
    }),

  /** What Node could not read as a request, a `Host` that is none `[ours]`. */
  unreadableRequest: () =>
    gateway(400, { code: 'BadRequest', message: 'The request could not be read as HTTP.' }),
  headersTooLarge: () =>
    gateway(431, {
      code: 'RequestHeaderFieldsTooLarge',
      message: 'The URL and the headers of the request are too long together.',
    }),
  invalidHost: (host: string) =>
    gateway(400, { code: 'BadRequest', message: `The host '${host}' is not valid.` }),

  /** A name that ARM or the provider does not allow `[ours]`: code and text are in no source read. */
  invalidName: (name: string, rule: string) =>
    gateway(400, {
      code: 'InvalidResourceName',
      message: `The name '${name}' is not allowed: ${rule}`,
      target: 'name',
    }),

  /** An unreadable `$skipToken` or `$top` [inf]. */
  invalidQuery: (parameter: string, message: string) =>
    gateway(400, { code: 'InvalidQueryParameter', message, target: parameter }),

  /** A poll URL that names no operation [rpc]. */
  operationNotFound: () => service(404, { code: 'NotFound', message: 'The entity was not found.' }),

  /** What is there by itself stays `[ours]`: nothing is recorded of a try. */
  builtIn: (name: string) =>
    service(409, {
      code: 'GatewayUserErrorEntityBuiltIn',
      message: `The entity ${name} is built into the device and cannot be deleted.`,
    }),

  /** What the machine or the provider refuses for a reason of its own. */
  refused: (failure: ErrorBody, status = 400) => service(status, failure),

  /** Anything unforeseen. */
  internal: (correlationId: string) =>
    service(500, {
      code: 'InternalServerError',
      message: `An unexpected error occurred. It was logged under correlation id ${correlationId}.`,
    }),
} as const;
