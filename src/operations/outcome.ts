/**
 * What comes of a step, written in the transaction in which the step ran or that follows it: the operation goes on, waits, or ends.
 * The end of an operation is written with the change of its resource, so a client never sees Succeeded before a GET shows it.
 */
import {
  groupKeyOf,
  nameOf,
  parentKeyOf,
  resourceIdOf,
  subscriptionIdOf,
  typeKeyOf,
} from '#shared/arm-id.ts';
import { assert } from '#shared/assert.ts';
import { type Fact, fact } from '#shared/facts.ts';
import type { Failure } from '#shared/failure.ts';
import { type Instant, milliseconds, plus } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { guid } from '#shared/random.ts';
import { findApplianceTask, taskEnd } from '#store/appliances.ts';
import type { Writer } from '#store/database.ts';
import { appendFacts } from '#store/journal.ts';
import {
  changeOperation,
  findOperation,
  listRunning,
  operationEnd,
  type OperationRow,
} from '#store/operations.ts';
import {
  changeResource,
  findResource,
  insertResource,
  removeResource,
  type ResourceRow,
} from '#store/resources.ts';
import { addTimer, addWaitingTimer, clearTimer, setTimer, wakeWaiting } from '#store/timers.ts';
import type { Awaited, Effect, StepResult } from './operation.ts';

/** The kind of the operations' timers; their target is the operation's id. */
export const OPERATION_TIMER = 'operation';

/** What is needed to write what came of a step. */
export interface OutcomeParts {
  /** The world's seed. */
  readonly seed: string;
  /** Removes what hangs on a resource, and on all below it, outside the resources table. */
  readonly forget: (resource: ResourceRow, writer: Writer) => Promise<void>;
}

/** One run of one step, about to be written: the transaction, the operation as it stands in it, and the moment. */
export interface Turn {
  readonly writer: Writer;
  readonly operation: OperationRow;
  readonly now: Instant;
  /** The operation was made in this very transaction: it has no timer yet, and nothing waits for it. */
  readonly isNew?: boolean;
}

/** Writes what came of the present step; `isLast`: the operation succeeds with it. */
export async function recordOutcome(
  parts: OutcomeParts,
  turn: Turn,
  { outcome, isLast }: { readonly outcome: StepResult; readonly isLast: boolean },
): Promise<void> {
  const { writer, operation, now } = turn;
  if ('until' in outcome) {
    await waitFor(turn, outcome.until);
  } else if ('more' in outcome) {
    await changeOperation(writer, operation.id, { attempts: 0 });
    await setDue(turn, now);
  } else if ('again' in outcome) {
    await setDue(turn, plus(now, milliseconds(Math.max(1, outcome.again))));
  } else if ('failed' in outcome) {
    await bring(parts, turn, outcome.effects);
    await failOperation(turn, outcome.failed);
  } else {
    await bring(parts, turn, outcome.effects);
    const { output } = outcome;
    if (isLast) {
      await succeed(parts, turn, output);
      return;
    }
    const step = operation.step + 1;
    await changeOperation(writer, operation.id, { step, attempts: 0, output });
    await setDue(turn, now);
  }
}

/** Ends the operation as failed. A creation that nobody could see leaves nothing; what was seen stays, to be looked at and deleted. */
export async function failOperation(turn: Turn, failure: Failure): Promise<void> {
  const { writer, operation } = turn;
  const resource = await findResource(writer, operation.resourceKey);
  if (resource?.operationId === operation.id) {
    if (operation.isCreation && !resource.isVisible) await removeResource(writer, resource.key);
    else await changeResource(writer, resource.key, { operationId: null });
  }
  await endAsFailed(turn, failure);
}

/** What becomes of an operation whose resource goes while it runs `[ours]`; the code is the machine's own for it. */
const CUT_OFF: Failure = {
  kind: 'invalid',
  code: 'GatewayUserErrorOperationCanceled',
  message: 'The resource was deleted while the operation was running.',
};

/**
 * Ends everything that runs on `resource` and below it, but the operation that has hold of it. Part of the transaction
 * that removes them: nothing may be left to wait for what is gone.
 */
export async function cutOffOperations(
  writer: Writer,
  resource: Pick<ResourceRow, 'key' | 'operationId'>,
  now: Instant,
): Promise<void> {
  for (const operation of await listRunning(writer, resource.key)) {
    if (operation.id === resource.operationId) continue;
    await endAsFailed({ writer, operation, now }, CUT_OFF);
  }
}

async function endAsFailed(turn: Turn, failure: Failure): Promise<void> {
  const { writer, operation, now } = turn;
  await changeOperation(writer, operation.id, { status: 'Failed', failure, endedAt: now });
  const data = { ...factData(operation), code: failure.code };
  await end(turn, fact(now, 'operation.failed', data));
}

async function succeed(
  { forget }: OutcomeParts,
  turn: Turn,
  output: JsonObject | undefined,
): Promise<void> {
  const { writer, operation, now } = turn;
  const resource = await findResource(writer, operation.resourceKey);
  if (resource?.operationId === operation.id) {
    if (operation.verb === 'delete') {
      await forget(resource, writer);
      await removeResource(writer, resource.key);
      await tell(turn, fact(now, 'resource.deleted', { type: resource.type }));
    } else if (operation.verb === 'put') {
      await changeResource(writer, resource.key, {
        operationId: null,
        body: operation.input,
        isVisible: true,
        changedAt: now,
        revision: resource.revision + 1,
      });
    } else {
      await changeResource(writer, resource.key, { operationId: null });
    }
  }
  await changeOperation(writer, operation.id, { status: 'Succeeded', endedAt: now, output });
  await end(turn, fact(now, 'operation.succeeded', factData(operation)));
}

/** Tells that the operation has ended, and wakes what waits for that. */
async function end(turn: Turn, told: Fact): Promise<void> {
  const { writer, operation, now } = turn;
  await tell(turn, told);
  if (turn.isNew === true) return;
  await clearTimer(writer, OPERATION_TIMER, operation.id);
  await wakeWaiting(writer, [operationEnd(operation.id)], now);
}

async function bring(
  parts: OutcomeParts,
  { writer, now }: Turn,
  effects: readonly Effect[] = [],
): Promise<void> {
  for (const effect of effects) {
    const key = effect.id.toLowerCase();
    if (effect.kind === 'remove') {
      const removed = await findResource(writer, key);
      if (removed !== undefined) await parts.forget(removed, writer);
      await removeResource(writer, key);
      continue;
    }
    const old = await findResource(writer, key);
    if (old === undefined) {
      await insertResource(writer, newResource(parts.seed, effect, now));
    } else {
      const { body } = effect;
      const revision = old.revision + 1;
      await changeResource(writer, key, { body, changedAt: now, revision });
    }
  }
}

function newResource(
  seed: string,
  { id, origin, body }: Effect & { readonly kind: 'put' },
  now: Instant,
): ResourceRow {
  const own = resourceIdOf(id);
  const { key } = own;
  return {
    key,
    id: own.id,
    type: typeKeyOf(own),
    name: nameOf(own),
    parent: parentKeyOf(own),
    subscriptionId: own.subscriptionId,
    resourceGroup: groupKeyOf(own),
    body,
    origin,
    incarnation: guid(seed, 'incarnation', key, now),
    revision: 1,
    isVisible: true,
    operationId: undefined,
    createdAt: now,
    changedAt: now,
    systemData: undefined,
  };
}

async function setDue({ writer, operation, isNew }: Turn, dueAt: Instant): Promise<void> {
  const timer = { kind: OPERATION_TIMER, target: operation.id, dueAt };
  await (isNew === true ? addTimer(writer, timer) : setTimer(writer, timer));
}

/** Lets the operation wait, unless one of what it waits for has ended meanwhile. */
async function waitFor(turn: Turn, awaited: readonly Awaited[]): Promise<void> {
  assert(awaited.length > 0, 'a step that waits says for what');
  const { writer, operation, now, isNew } = turn;
  const timer = { kind: OPERATION_TIMER, target: operation.id };
  for (const one of awaited) {
    // The command that a new operation's step has just put to a machine runs: it was said in this transaction.
    const isSure = isNew === true && 'task' in one;
    if (!isSure && (await hasEnded(writer, one))) {
      await setDue(turn, now);
      return;
    }
  }
  const ends = awaited.map((one) =>
    'task' in one ? taskEnd(one.task) : operationEnd(one.operation),
  );
  if (isNew !== true) await clearTimer(writer, OPERATION_TIMER, operation.id);
  await addWaitingTimer(writer, timer, ends);
}

async function hasEnded(writer: Writer, awaited: Awaited): Promise<boolean> {
  if ('task' in awaited) return (await findApplianceTask(writer, awaited.task)) !== undefined;
  return (await findOperation(writer, awaited.operation))?.status !== 'Running';
}

/** Puts a fact about the operation's resource into the journal. */
async function tell({ writer, operation }: Turn, told: Fact): Promise<void> {
  const subject = {
    subscriptionId: subscriptionIdOf(operation.resourceKey),
    resourceKey: operation.resourceKey,
    resourceId: operation.resourceId,
    cause: `operation/${operation.id}`,
  };
  await appendFacts(writer, subject, [told]);
}

function factData(operation: OperationRow): { operation: string; verb: string; type: string } {
  return { operation: operation.id, verb: operation.verb, type: operation.type };
}
