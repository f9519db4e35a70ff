/**
 * The history of a scope is kept short: where it has more than 700 deployments, the oldest ones are deleted until 600 are left
 * [doc deployment-history-deletions]. What a deployment has done to each resource goes with it. A lock against deletions keeps them
 * all; that is looked at again at the next deployment.
 */
import type { Provider } from '#arm/provider.ts';

import { scopesAbove, subscriptionIdOf } from '#shared/arm-id.ts';
import type { Instant } from '#shared/instant.ts';
import type { Writer } from '#store/database.ts';
import { countDeployments, oldestDeploymentKeys, removeDeployment } from '#store/deployments.ts';
import { hasLocks, listLocks } from '#store/locks.ts';
import { clearTimer, setTimer, type Timer } from '#store/timers.ts';

/** The kind of the timer that stands where a history is too long; its target is the key of the scope. */
export const HISTORY_TIMER = 'deployment-history';

const MAX_HISTORY = 700;
const SHORTENED = 600;
/** So many deployments are deleted in one transaction `[ours]`. */
const PIECE = 20;

/** Sets the timer where the history of the scope has become too long. Part of the transaction that accepts a deployment. */
export async function limitHistory(writer: Writer, scope: string, now: Instant): Promise<void> {
  if ((await countDeployments(writer, scope)) <= MAX_HISTORY) return;
  await setTimer(writer, timerOf(scope, now));
}

/** Deletes a piece of the history, and sets the timer anew where there is more. The handler of `HISTORY_TIMER`. */
export async function shortenHistory({ database, clock }: Provider, scope: string): Promise<void> {
  await database.write(async (writer) => {
    const excess = (await countDeployments(writer, scope)) - SHORTENED;
    const limit = Math.min(excess, PIECE);
    const keys =
      limit <= 0 || (await isLocked(writer, scope))
        ? []
        : await oldestDeploymentKeys(writer, scope, limit);
    for (const key of keys) await removeDeployment(writer, key);
    if (keys.length === PIECE) await setTimer(writer, timerOf(scope, clock.now()));
    else await clearTimer(writer, HISTORY_TIMER, scope);
  });
}

const timerOf = (scope: string, dueAt: Instant): Timer => ({
  ...{ kind: HISTORY_TIMER, target: scope, dueAt },
  isBackground: true,
});

async function isLocked(writer: Writer, scope: string): Promise<boolean> {
  if (!(await hasLocks(writer, subscriptionIdOf(scope)))) return false;
  return (await listLocks(writer, { at: scopesAbove(scope) }, { limit: 1 })).length > 0;
}
