/**
 * The engine: takes an operation from Running to its end, one step a wake-up. Whatever a step brings about is written
 * in one transaction with the operation's own progress, and the end of an operation with the change of its resource:
 * a client never sees Succeeded before a GET shows it. Imagine that the process exits after every line.
 *
 * Knows no resource type: plans come from the `Planner` that `app.ts` binds.
 */
import {
  groupKeyOf,
  nameOf,
  parentKeyOf,
  resourceIdOf,
  subscriptionIdOf,
  typeKeyOf,
} from '#shared/arm-id.ts';
import { type Fact, fact } from '#shared/facts.ts';
import { assert } from '#shared/assert.ts';
import type { Failure } from '#shared/failure.ts';
import { type Instant, milliseconds, minutes, plus, seconds } from '#shared/instant.ts';
import type { Logger } from '#shared/logger.ts';
import { guid } from '#shared/random.ts';
import type { Clock } from '#schedule/clock.ts';
import type { Database, Writer } from '#store/database.ts';
import { appendFacts } from '#store/journal.ts';
import { findApplianceTask, taskEnd } from '#store/appliances.ts';
import {
  changeOperation,
  findOperation,
  insertOperation,
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
import { addTimer, clearTimer, setTimer, setWaitingTimer, wakeWaiting } from '#store/timers.ts';
import type {
  Awaited,
  Effect,
  NewOperation,
  Planner,
  StepContext,
  StepResult,
} from './operation.ts';

/** The kind of this engine's timers; their target is the operation's id. */
export const OPERATION_TIMER = 'operation';

const MOST_ATTEMPTS = 5;
/** How often a step may take the process down. */
const MAX_DEATHS = 2;
const FIRST_BACK_OFF = seconds(10);
const LONGEST_BACK_OFF = minutes(5);

export interface EngineParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly seed: string;
  readonly log: Logger;
  readonly plan: Planner;
  /** Removes what hangs on a resource, and on all below it, outside the resources table. */
  readonly forget: (resource: ResourceRow, writer: Writer) => Promise<void>;
}

/**
 * A new operation's id: a GUID drawn from the seed, the resource and the moment, in the transaction that accepts it. Several at
 * one moment, under a frozen clock, are told apart by their number.
 */
export async function drawOperationId(
  writer: Writer,
  seed: string,
  { resourceKey, now }: { readonly resourceKey: string; readonly now: Instant },
): Promise<string> {
  for (let number = 0; ; number++) {
    const id = guid(seed, 'operation', resourceKey, now, number);
    if ((await findOperation(writer, id)) === undefined) return id;
  }
}

/** Writes a new operation and its first timer, and gives its row. Part of the transaction that accepts the request. */
export async function beginOperation(
  writer: Writer,
  operation: NewOperation,
  now: Instant,
): Promise<OperationRow> {
  const row: OperationRow = {
    ...operation,
    status: 'Running',
    step: 0,
    attempts: 0,
    begun: 0,
    failure: undefined,
    output: undefined,
    startedAt: now,
    endedAt: undefined,
  };
  await insertOperation(writer, row);
  await addTimer(writer, { kind: OPERATION_TIMER, target: operation.id, dueAt: now });
  return row;
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

const tookProcessDown = ({ begun, correlationId }: OperationRow): Failure => ({
  kind: 'internal',
  code: 'InternalServerError',
  message:
    `The service went down ${begun} times while it carried out a step of this operation, so the step is not tried again. ` +
    `Correlation id: ${correlationId}.`,
});

async function endAsFailed(turn: Turn, failure: Failure): Promise<void> {
  const { writer, operation, now } = turn;
  await changeOperation(writer, operation.id, { status: 'Failed', failure, endedAt: now });
  await clearTimer(writer, OPERATION_TIMER, operation.id);
  const data = { ...factData(operation), code: failure.code };
  await tell(turn, fact(now, 'operation.failed', data));
  await wakeWaiting(writer, [operationEnd(operation.id)], now);
}

/** One run of one step, about to be written: the transaction, the operation as it stands in it, and the moment. */
interface Turn {
  readonly writer: Writer;
  readonly operation: OperationRow;
  readonly now: Instant;
}

export class Engine {
  readonly #parts: EngineParts;

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  /** Runs the operation's present step once and writes what came of it. The handler of `OPERATION_TIMER`. */
  async run(operationId: string): Promise<void> {
    const { database } = this.#parts;
    const operation = await findOperation(database, operationId);
    if (operation?.status !== 'Running') {
      await database.write(async (writer) => clearTimer(writer, OPERATION_TIMER, operationId));
      return;
    }
    try {
      await this.#runStep(operation);
    } catch (error) {
      this.#parts.log.error(
        {
          err: error,
          operationId: operation.id,
          resourceId: operation.resourceId,
          correlationId: operation.correlationId,
          step: operation.step,
        },
        'a step threw',
      );
      await this.#record(operation, async (turn) => this.#backOff(turn));
    }
  }

  /** Makes the plan anew and runs its present step. */
  async #runStep(operation: OperationRow): Promise<void> {
    const steps = await this.#parts.plan(operation);
    const isLast = operation.step >= steps.length - 1;
    const step = steps[operation.step];
    const context: StepContext = {
      stepId: `${operation.id}/${step?.name ?? ''}`,
      operationId: operation.id,
      now: this.#parts.clock.now(),
    };
    if (step !== undefined && 'runIn' in step) {
      await this.#record(operation, async (turn) => {
        await this.#apply(turn, await step.runIn(turn.writer, context), isLast);
      });
      return;
    }
    if (operation.begun >= MAX_DEATHS) {
      await this.#record(operation, async (turn) => this.#fail(turn, tookProcessDown(operation)));
      return;
    }
    // Counted before it begins: what takes the process down is not there to be caught, and would be tried again at each start.
    await this.#record(operation, async ({ writer }) =>
      changeOperation(writer, operation.id, { begun: operation.begun + 1 }),
    );
    const result: StepResult = (await step?.run(context)) ?? { done: true };
    await this.#record(operation, async (turn) => {
      await changeOperation(turn.writer, operation.id, { begun: 0 });
      await this.#apply(turn, result, isLast);
    });
  }

  /** Writes in one transaction, unless another worker was quicker with this very step: then its result stands. */
  async #record(operation: OperationRow, write: (turn: Turn) => Promise<void>): Promise<void> {
    const { database, clock } = this.#parts;
    await database.write(async (writer) => {
      const present = await findOperation(writer, operation.id);
      if (present?.status !== 'Running' || present.step !== operation.step) return;
      await write({ writer, operation: present, now: clock.now() });
    });
  }

  async #apply(turn: Turn, outcome: StepResult, isLast: boolean): Promise<void> {
    const { writer, operation, now } = turn;
    if ('until' in outcome) {
      await waitFor(turn, outcome.until);
    } else if ('more' in outcome) {
      await changeOperation(writer, operation.id, { attempts: 0 });
      await setTimer(writer, { kind: OPERATION_TIMER, target: operation.id, dueAt: now });
    } else if ('again' in outcome) {
      const dueAt = plus(now, milliseconds(Math.max(1, outcome.again)));
      await setTimer(writer, { kind: OPERATION_TIMER, target: operation.id, dueAt });
    } else if ('failed' in outcome) {
      await this.#bring(turn, outcome.effects);
      await this.#fail(turn, outcome.failed);
    } else {
      await this.#bring(turn, outcome.effects);
      if (outcome.output !== undefined) {
        await changeOperation(writer, operation.id, { output: outcome.output });
      }
      if (isLast) {
        await this.#succeed(turn);
      } else {
        await changeOperation(writer, operation.id, { step: operation.step + 1, attempts: 0 });
        await setTimer(writer, { kind: OPERATION_TIMER, target: operation.id, dueAt: now });
      }
    }
  }

  async #backOff(turn: Turn): Promise<void> {
    const { writer, operation, now } = turn;
    const attempts = operation.attempts + 1;
    if (attempts >= MOST_ATTEMPTS) {
      await this.#fail(turn, {
        kind: 'internal',
        code: 'InternalServerError',
        message: `The operation could not be completed after ${attempts} attempts. Correlation id: ${operation.correlationId}.`,
      });
      return;
    }
    await changeOperation(writer, operation.id, { attempts, begun: 0 });
    const wait = Math.min(FIRST_BACK_OFF * 2 ** operation.attempts, LONGEST_BACK_OFF);
    const dueAt = plus(now, milliseconds(wait));
    await setTimer(writer, { kind: OPERATION_TIMER, target: operation.id, dueAt });
  }

  async #succeed(turn: Turn): Promise<void> {
    const { writer, operation, now } = turn;
    const resource = await findResource(writer, operation.resourceKey);
    if (resource?.operationId === operation.id) {
      if (operation.verb === 'delete') {
        await this.#parts.forget(resource, writer);
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
    await changeOperation(writer, operation.id, { status: 'Succeeded', endedAt: now });
    await clearTimer(writer, OPERATION_TIMER, operation.id);
    await tell(turn, fact(now, 'operation.succeeded', factData(operation)));
    await wakeWaiting(writer, [operationEnd(operation.id)], now);
  }

  async #fail(turn: Turn, failure: Failure): Promise<void> {
    const { writer, operation } = turn;
    const resource = await findResource(writer, operation.resourceKey);
    if (resource?.operationId === operation.id) {
      // A creation nobody could see leaves nothing; one that was seen stays, to be looked at and deleted.
      if (operation.isCreation && !resource.isVisible) await removeResource(writer, resource.key);
      else await changeResource(writer, resource.key, { operationId: null });
    }
    await endAsFailed(turn, failure);
  }

  async #bring(turn: Turn, effects: readonly Effect[] = []): Promise<void> {
    const { writer, now } = turn;
    for (const effect of effects) {
      const key = effect.id.toLowerCase();
      if (effect.kind === 'remove') {
        const removed = await findResource(writer, key);
        if (removed !== undefined) await this.#parts.forget(removed, writer);
        await removeResource(writer, key);
        continue;
      }
      const old = await findResource(writer, key);
      if (old === undefined) {
        await insertResource(writer, this.#newResource(effect, now));
      } else {
        const { body } = effect;
        const revision = old.revision + 1;
        await changeResource(writer, key, { body, changedAt: now, revision });
      }
    }
  }

  #newResource({ id, origin, body }: Effect & { readonly kind: 'put' }, now: Instant): ResourceRow {
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
      incarnation: guid(this.#parts.seed, 'incarnation', key, now),
      revision: 1,
      isVisible: true,
      operationId: undefined,
      createdAt: now,
      changedAt: now,
      systemData: undefined,
    };
  }
}

/** Lets the operation wait, unless one of what it waits for has ended meanwhile. */
async function waitFor(
  { writer, operation, now }: Turn,
  awaited: readonly Awaited[],
): Promise<void> {
  assert(awaited.length > 0, 'a step that waits says for what');
  const timer = { kind: OPERATION_TIMER, target: operation.id };
  for (const one of awaited) {
    if (await hasEnded(writer, one)) {
      await setTimer(writer, { ...timer, dueAt: now });
      return;
    }
  }
  const ends = awaited.map((one) =>
    'task' in one ? taskEnd(one.task) : operationEnd(one.operation),
  );
  await setWaitingTimer(writer, timer, ends);
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
