/** How far a query reaches: the subscriptions that it is about, and what of them its caller may read. */
import { isGuid } from '#arm/names.ts';
import type { Caller } from '#arm/platform-route.ts';
import type { Provider } from '#arm/provider.ts';
import type { Access } from '#identity/access/access.ts';
import { subscriptionIdOf } from '#shared/arm-id.ts';
import { listSubscriptions, subscriptionState } from '#store/subscriptions.ts';

/** Something in a group, or the group itself: both keys are in lower case. */
export interface InGroup {
  readonly key: string;
  readonly resourceGroup: string;
}

export interface Reach {
  /** Ids in lower case, in their order. */
  readonly subscriptions: readonly string[];
  readonly mayRead: (type: string, of: InGroup) => Promise<boolean> | true;
}

export interface ReachParts {
  readonly provider: Provider;
  readonly access: Access;
  /** Undefined: callers need not sign in, and may read everything. */
  readonly caller: Caller | undefined;
}

/** The reach of a query about these subscriptions, or about all of them. */
export async function reachOf(
  parts: ReachParts,
  asked: readonly string[] | undefined,
): Promise<Reach> {
  const subscriptions =
    asked === undefined ? await allSubscriptions(parts) : await subscriptionsAmong(parts, asked);
  const { caller, access } = parts;
  return { subscriptions, mayRead: caller === undefined ? () => true : rightsOf(caller, access) };
}

const PAGE = 1000;

async function allSubscriptions({ provider, access, caller }: ReachParts): Promise<string[]> {
  const seesAll = caller === undefined || access.seesEverySubscription(caller.objectId);
  const found: string[] = [];
  for (let after: string | undefined, isMore = true; isMore; ) {
    const page = await listSubscriptions(provider.database.reader, {
      ...(seesAll ? {} : { principalId: caller.objectId }),
      ...(after === undefined ? {} : { after }),
      limit: PAGE,
    });
    for (const { id, state } of page) if (state !== 'Deleted') found.push(id);
    after = page.at(-1)?.id;
    isMore = page.length === PAGE;
  }
  return found;
}

/** Those that there are and of which the caller knows; the others are passed over, as Resource Graph does [gh aztfexport#491]. */
async function subscriptionsAmong(
  { provider, access, caller }: ReachParts,
  asked: readonly string[],
): Promise<string[]> {
  const found: string[] = [];
  for (const id of new Set(asked.filter(isGuid).map((one) => one.toLowerCase()))) {
    const state = await subscriptionState(provider.database.reader, id);
    const exists = state === undefined ? provider.hasOpenSubscriptions : state !== 'Deleted';
    const isSeen =
      caller === undefined || (await access.maySee(caller.objectId, `/subscriptions/${id}`));
    if (exists && isSeen) found.push(id);
  }
  return found.sort();
}

/** Asks about the subscription, then the group, then the resource itself; what the wider scopes answer is asked once. */
function rightsOf({ objectId }: Caller, access: Access): Reach['mayRead'] {
  const known = new Map<string, boolean>();
  const may = async (type: string, scope: string): Promise<boolean> => {
    const cached = `${type} ${scope}`;
    const before = known.get(cached);
    if (before !== undefined) return before;
    const answer = await access.mayDo(objectId, `${type}/read`, scope);
    known.set(cached, answer);
    return answer;
  };
  return async (type, { key, resourceGroup }) =>
    (await may(type, `/subscriptions/${subscriptionIdOf(key)}`)) ||
    (await may(type, resourceGroup)) ||
    (key !== resourceGroup && (await access.mayDo(objectId, `${type}/read`, key)));
}
