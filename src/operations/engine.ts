/**
 * The engine: takes an operation from Running to its end, one step a wake-up. Whatever a step brings about is written
 * in one transaction with the operation's own progress, and the end of an operation with the change of its resource:
 * a client never sees Succeeded before a GET shows it. Imagine that the process exits after every line.
 *
 * Knows no resource type: plans come from the `Planner` that `app.ts` binds.
 */
import type { Failure } from '#shared/failure.ts';
import { milliseconds, minutes, plus, seconds } from '#shared/instant.ts';
import type { Logger } from '#shared/logger.ts';
import type { Clock } from '#schedule/clock.ts';
import type { Database } from '#store/database.ts';
import { changeOperation, findOperation, type OperationRow } from '#store/operations.ts';
import { clearTimer, setTimer } from '#store/timers.ts';
import { contextOf } from './begin.ts';
import type { Planner, StepResult } from './operation.ts';
import {
  failOperation,
  OPERATION_TIMER,
  type OutcomeParts,
  recordOutcome,
  type Turn,
} from './outcome.ts';

const MOST_ATTEMPTS = 5;
/** How often a step may take the process down. */
const MAX_DEATHS = 2;
const FIRST_BACK_OFF = seconds(10);
const LONGEST_BACK_OFF = minutes(5);

export interface EngineParts extends OutcomeParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly plan: Planner;
}

const tookProcessDown = ({ begun, correlationId }: OperationRow): Failure => ({
  kind: 'internal',
  code: 'InternalServerError',
  message:
    `The service went down ${begun} times while it carried out a step of this operation, so the step is not tried again. ` +
    `Correlation id: ${correlationId}.`,
});

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
    const context = contextOf(operation, step?.name ?? '', this.#parts.clock.now());
    if (step !== undefined && 'runIn' in step) {
      await this.#record(operation, async (turn) => {
        const outcome = await step.runIn(turn.writer, context);
        await recordOutcome(this.#parts, turn, { outcome, isLast });
      });
      return;
    }
    if (operation.begun >= MAX_DEATHS) {
      await this.#record(operation, async (turn) =>
        failOperation(turn, tookProcessDown(operation)),
      );
      return;
    }
    // Counted before it begins: what takes the process down is not there to be caught, and would be tried again at each start.
    await this.#record(operation, async ({ writer }) =>
      changeOperation(writer, operation.id, { begun: operation.begun + 1 }),
    );
    const result: StepResult = (await step?.run(context)) ?? { done: true };
    await this.#record(operation, async (turn) => {
      await changeOperation(turn.writer, operation.id, { begun: 0 });
      await recordOutcome(this.#parts, turn, { outcome: result, isLast });
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

  async #backOff(turn: Turn): Promise<void> {
    const { writer, operation, now } = turn;
    const attempts = operation.attempts + 1;
    if (attempts >= MOST_ATTEMPTS) {
      await failOperation(turn, {
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
}
