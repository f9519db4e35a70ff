/**
 * Refusals that concern a resource itself: whether it exists, its name, its location and its state. Each text is the service's
 * or ARM's own, with its source; ours are marked `[ours]`.
 */
import type { ErrorBody } from '#shared/failure.ts';
import { gateway, service } from './refused-by.ts';

export const resourceErrors = {
  /** A tracked resource; `type` is in its registered casing [rec 17]. */
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

  /** A child or a singleton; CR LF follows the full stop at once [rec 18]. */
  entityNotFound: (name: string) =>
    service(404, {
      code: 'GatewayUserErrorEntityNotFound',
      message: `Could not find the entity ${name}.\r\nProvide a valid entity name and retry the operation.`,
    }),

  /** A poll URL that names no operation [rpc]. */
  operationNotFound: () => service(404, { code: 'NotFound', message: 'The entity was not found.' }),

  /** A name that ARM or the provider does not allow. `[ours]`: code and text are in no source. */
  invalidName: (name: string, rule: string) =>
    gateway(400, {
      code: 'InvalidResourceName',
      message: `The name '${name}' is not allowed: ${rule}`,
      target: 'name',
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

  /** A second write while one is in progress. Status and code follow ARM's rule [doc, rad], the text is `[ours]`. */
  operationInProgress: (name: string, pollPath: string) =>
    service(409, {
      code: 'AnotherOperationInProgress',
      message: `Another operation on '${name}' is in progress: GET ${pollPath} tells when it has ended. Retry then.`,
    }),

  /** Others changed what the request depends on each time that it was tried; code and text are `[ours]`. */
  concurrentChanges: () =>
    service(409, {
      code: 'ConcurrentChanges',
      message:
        'What the request depends on was being changed by other requests. Retry the request.',
    }),

  /** Status and code are [rpc, rad], the text is `[ours]`. */
  preconditionFailed: () =>
    gateway(412, {
      code: 'PreconditionFailed',
      message:
        'The condition set in the request headers was not met: the resource is in another state.',
    }),

  /** A resource that a device has by itself cannot be deleted. `[ours]`: no recording tries it. */
  builtIn: (name: string) =>
    service(409, {
      code: 'GatewayUserErrorEntityBuiltIn',
      message: `The entity ${name} is built into the device and cannot be deleted.`,
    }),

  /** What the machine or the provider refuses for a reason of its own. */
  refused: (failure: ErrorBody, status = 400) => service(status, failure),
} as const;
