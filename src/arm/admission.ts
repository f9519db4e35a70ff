/**
 * The ordered checks that every request passes before its verb sees it: ids → api-version → subscription. One list, in
 * ARM's own order as far as it is known (arm-protocol §1.3). No HTTP types: `http.ts` calls it.
 */
import { addSubscription, hasSubscription } from '#store/subscriptions.ts';
import { errors } from './errors.ts';
import { groupNameFault, isGuid, normalisedLocation } from './names.ts';
import type { IncomingRequest, Provider } from './provider.ts';
import type { ResourceDeclaration } from './declaration.ts';
import { askedVersion, isWithin, servedPollVersion, servedVersion } from './versions.ts';

/** What the route says about a request. */
export interface Route {
  readonly type: ResourceDeclaration;
  /** Poll URLs take versions that nothing else takes. */
  readonly isPoll: boolean;
  /** Lists and subscription-wide paths have no location: another error for a wrong version. */
  readonly isCollection: boolean;
  readonly since?: string;
  readonly until?: string;
}

/** The version that serves a request, and the one it named. */
export interface AdmittedVersion {
  readonly served: string;
  readonly asked: string;
  /** We do not know the asked one; the newest stands in for it. */
  readonly isStandIn: boolean;
}

/** The served and the asked version, or a throw. `isLoose`: a newer one than we know is served as the newest. */
export function admitVersion(
  route: Route,
  query: Readonly<Record<string, unknown>>,
  isLoose: boolean,
): AdmittedVersion {
  const asked = askedVersion(query);
  if (asked === undefined) throw errors.missingApiVersion();
  const { type } = route;
  const served = route.isPoll
    ? servedPollVersion(type.versions, asked)
    : servedVersion(type.versions, asked);
  const isKnown =
    served !== undefined && isWithin(`${route.since ?? ''}..${route.until ?? ''}`, served);
  if (isKnown) return { served, asked, isStandIn: false };
  const { versions } = type.versions;
  const [newest = ''] = versions;
  if (isLoose && asked > newest && route.until === undefined) {
    return { served: newest, asked, isStandIn: true };
  }
  if (route.isCollection || type.locations === undefined) {
    throw errors.invalidResourceType({
      type: type.type,
      namespace: type.namespace,
      version: asked,
      versions,
      isNewer: asked > newest,
    });
  }
  throw errors.noRegisteredProvider({
    location: normalisedLocation(type.locations[0] ?? ''),
    version: asked,
    type: type.type,
    versions,
    isNewer: asked > newest,
    locations: type.locations.map(normalisedLocation),
  });
}

/** Refuses a malformed or unknown subscription; an open world makes it on first use. */
export async function admitSubscription(provider: Provider, subscriptionId: string): Promise<void> {
  const id = subscriptionId.toLowerCase();
  if (!isGuid(id)) throw errors.invalidSubscriptionId(subscriptionId);
  if (await hasSubscription(provider.database, id)) return;
  if (!provider.hasOpenSubscriptions) throw errors.subscriptionNotFound(id);
  await provider.database.write(async (writer) =>
    addSubscription(writer, id, provider.clock.now()),
  );
}

/** Lets every hook have its say, in order. */
export async function admitByHooks(provider: Provider, incoming: IncomingRequest): Promise<void> {
  for (const hook of provider.hooks) {
    const checking = hook(incoming);
    if (checking !== undefined) await checking;
  }
}

/** Refuses a resource group name that none may have. */
export function admitGroupName(name: string): void {
  const fault = groupNameFault(name);
  if (fault !== undefined) throw errors.invalidName(name, fault);
}
