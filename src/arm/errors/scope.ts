/**
 * Refusals that concern where a resource is: its namespace, subscription and resource group. Each text is the service's or
 * ARM's own, with its source; ours are marked `[ours]`.
 */
import { shortened } from '#shared/outline.ts';
import { gateway } from './refused-by.ts';

export const scopeErrors = {
  /** [aro; the status is mem] */
  invalidNamespace: (namespace: string) =>
    gateway(404, {
      code: 'InvalidResourceNamespace',
      message: `The resource namespace '${namespace}' is invalid.`,
    }),

  /** A type that Azure has in a namespace of which this service has others: the code is ARM's, the text `[ours]`. */
  notSimulated: (namespace: string, rest: string) => {
    const type = rest
      .split('/')
      .filter((_, index) => index % 2 === 0)
      .join('/');
    return gateway(404, {
      code: 'InvalidResourceType',
      message: `The resource type '${shortened(type)}' of the namespace '${shortened(namespace)}' is not simulated here.`,
    });
  },

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

  /** `[ours]`: of the real service it is only known that it removes what a deleted subscription has by itself [rpc]. */
  subscriptionBeingDeleted: (id: string) =>
    gateway(409, {
      code: 'SubscriptionBeingDeleted',
      message: `The subscription '${id}' is being deleted. Its state can change once everything in it has been removed.`,
    }),

  /** [mem] */
  readOnlySubscription: (id: string) =>
    gateway(409, {
      code: 'ReadOnlyDisabledSubscription',
      message:
        `The subscription '${id}' is disabled and therefore marked as read only. You cannot perform any ` +
        'write actions on this subscription until it is re-enabled.',
    }),

  /** With both hints that clients read: the namespace is last and in quotes, and the detail's target [gh, go, ran; arm-protocol §6.3]. */
  missingRegistration: (namespace: string) => {
    const message =
      `The subscription is not registered to use namespace '${namespace}'. ` +
      'See https://aka.ms/rps-not-found for how to register subscriptions.';
    const code = 'MissingSubscriptionRegistration';
    return gateway(409, { code, message, details: [{ code, target: namespace, message }] });
  },

  /** [gh, rpc] */
  resourceGroupNotFound: (name: string) =>
    gateway(404, {
      code: 'ResourceGroupNotFound',
      message: `Resource group '${name}' could not be found.`,
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

  /** Status and code are [doc], the text is [mem]. */
  scopeLocked: (path: string, verb: string, locked: readonly string[]) =>
    gateway(409, {
      code: 'ScopeLocked',
      message:
        `The scope '${path}' cannot perform ${verb} operation because following scope(s) are locked: ` +
        `'${locked.join(', ')}'. Please remove the lock and try again.`,
    }),
} as const;
