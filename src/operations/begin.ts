/** How an operation begins, in the transaction that accepts the request. */
import type { Failure } from '#shared/failure.ts';
import type { Instant } from '#shared/instant.ts';
import { guid } from '#shared/random.ts';
import type { Writer } from '#store/database.ts';
import { insertOperation, type OperationRow } from '#store/operations.ts';
import { addTimer } from '#store/timers.ts';
import type { NewOperation, StepContext, StepInTransaction } from './operation.ts';
import { OPERATION_TIMER, type OutcomeParts, recordOutcome } from './outcome.ts';

/**
 * Writes a new operation and gives its row; `startOperation` or `startWithStep` sets it going, in the same transaction. Its id is a
 * GUID drawn from the seed, the resource and the moment. Several at one moment, under a frozen clock, are told apart by their number.
 */
export async function newOperation(
  writer: Writer,
  seed: string,
  { operation, now }: { readonly operation: NewOperation; readonly now: Instant },
): Promise<OperationRow> {
  for (let number = 0; ; number++) {
    const row: OperationRow = {
      ...operation,
      id: guid(seed, 'operation', operation.resourceKey, now, number),
      status: 'Running',
      step: 0,
      attempts: 0,
      begun: 0,
      failure: undefined,
      output: undefined,
      startedAt: now,
      endedAt: undefined,
    };
    if (await insertOperation(writer, row)) return row;
  }
}

/** Lets a new operation run its first step as soon as the transaction is committed. */
export async function startOperation(
  writer: Writer,
  { id, startedAt }: OperationRow,
): Promise<void> {
  await addTimer(writer, { kind: OPERATION_TIMER, target: id, dueAt: startedAt });
}

/**
 * Runs the first step of a new operation in the transaction that accepts it: so the operation needs no timer for it, which saves a
 * third of what an accepted request costs. What the step throws, this throws. Gives why the step was refused, if it was: nothing is
 * recorded then, and the caller takes back what the transaction has written.
 */
export async function startWithStep(
  writer: Writer,
  parts: OutcomeParts,
  {
    operation,
    step,
    isLast,
  }: {
    readonly operation: OperationRow;
    readonly step: StepInTransaction;
    readonly isLast: boolean;
  },
): Promise<Failure | undefined> {
  const now = operation.startedAt;
  const outcome = await step.runIn(writer, contextOf(operation, step.name, now));
  if ('failed' in outcome && outcome.isRefusal === true) return outcome.failed;
  await recordOutcome(parts, { writer, operation, now, isNew: true }, { outcome, isLast });
  return undefined;
}

/** What a step of that name is told about its operation. */
export const contextOf = ({ id }: OperationRow, stepName: string, now: Instant): StepContext => ({
  stepId: `${id}/${stepName}`,
  operationId: id,
  now,
});
