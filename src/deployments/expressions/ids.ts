/** The functions that compose ids from a type and names [doc: template functions, resource]. */
import type { Place } from './scope.ts';
import { type Args, stringOf } from './values.ts';

export const subscriptionId = (subscription: string): string => `/subscriptions/${subscription}`;

export const groupId = (subscription: string, group: string): string =>
  `${subscriptionId(subscription)}/resourceGroups/${group}`;

/** `Ns/a/b` and `n/m` as `/providers/Ns/a/n/b/m` below `scope`; undefined where the numbers of segments do not match. */
export function idBelow(scope: string, type: string, name: string): string | undefined {
  const [namespace = '', ...types] = type.split('/');
  const names = name.split('/');
  if (types.length === 0 || types.length !== names.length || names.includes('')) return undefined;
  const pairs = types.map((segment, index) => `${segment}/${names[index] ?? ''}`);
  return `${scope}/providers/${namespace}/${pairs.join('/')}`;
}

/** `resourceId(subscription?, group?, type, name, …)`; without a group in `place`, the id of a resource of the subscription. */
export function resourceIdOf(args: Args, place: Place): string {
  const texts = args.all.map((_, index) => args.text(index));
  const at = texts.findIndex((text) => text.includes('/'));
  const maxBefore = place.group === undefined ? 1 : 2;
  if (at === -1 || at > maxBefore) {
    throw args.fault('its arguments must contain a fully qualified resource type');
  }
  const before = texts.slice(0, at);
  const groupName = place.group === undefined ? undefined : (before.at(-1) ?? place.group.name);
  const isSubscriptionGiven = place.group === undefined ? at === 1 : at === 2;
  const subscription = isSubscriptionGiven ? (before[0] ?? '') : place.subscriptionId;
  const scope =
    groupName === undefined ? subscriptionId(subscription) : groupId(subscription, groupName);
  return below(args, scope, at);
}

/** `extensionResourceId(scope, type, name, …)`; with `scope` given, all arguments are types and names. */
export function extensionId(args: Args, scope?: string): string {
  return scope === undefined ? below(args, args.text(0), 1) : below(args, scope, 0);
}

function below(args: Args, scope: string, at: number): string {
  const names = args.all.slice(at + 1).map(stringOf);
  const type = args.text(at);
  // At subscription scope groups have a path of their own.
  if (type.toLowerCase() === 'microsoft.resources/resourcegroups' && names.length === 1) {
    return `${scope}/resourceGroups/${names[0] ?? ''}`;
  }
  const id = idBelow(scope, type, names.join('/'));
  if (id === undefined) {
    throw args.fault(
      `the type '${type}' requires '${type.split('/').length - 1}' resource name argument(s)`,
    );
  }
  return id;
}
