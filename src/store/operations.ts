/**
 * Long-running operations: what was accepted, how far it is, how it ended. Kept for a while after the end (`expiry.ts`), and after
 * the resource is gone: poll URLs outlive both [rec 11]. Written by `arm/verbs` (accepting) and `operations/engine` (all the rest).
 */
import { type Failure, readFailure } from '#shared/failure.ts';
import { instant, type Instant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { Database, type Reader, type Source, type Writer } from './database.ts';
import { expiryOf } from './expiry.ts';
import { isWithin } from './ranges.ts';
import { send } from './sending.ts';
import { statement } from './statement.ts';
import type { OperationsTable } from './tables.ts';

export type OperationStatus = 'Running' | 'Succeeded' | 'Failed';
/** Which poll headers the client was given (arm/polling.ts). */
export type PollStyle = 'location' | 'job' | 'async' | 'both';

export interface OperationRow {
  /** A GUID; also the last segment of the poll URLs, and the job's name where there is one. */
  readonly id: string;
  readonly resourceKey: string;
  readonly resourceId: string;
  /** The resource's type, lower case, with its namespace. */
  readonly type: string;
  /** `put`, `delete`, or the action's name. */
  readonly verb: string;
  /** A put that makes the resource. */
  readonly isCreation: boolean;
  /** What was asked for: the new body of a put, the body of an action. */
  readonly input: JsonObject;
  readonly style: PollStyle;
  /** Where below the resource its `operationResults` hangs; empty: directly. */
  readonly pollPath: string;
  /** What a finished operation has to say beyond its resource. */
  readonly output: JsonObject | undefined;
  readonly status: OperationStatus;
  /** Index of the step that is on. */
  readonly step: number;
  /** How often this step has thrown. */
  readonly attempts: number;
  /** How often this step has begun since it last came to any end: more than once only if the process went down with it. */
  readonly begun: number;
  readonly failure: Failure | undefined;
  readonly correlationId: string;
  readonly startedAt: Instant;
  readonly endedAt: Instant | undefined;
}

/** False, with nothing written, where there is an operation of that id. */
export async function insertOperation(writer: Writer, operation: OperationRow): Promise<boolean> {
  const { numAffectedRows } = await insertRow(writer, {
    id: operation.id,
    resource_key: operation.resourceKey,
    resource_id: operation.resourceId,
    type: operation.type,
    verb: operation.verb,
    creates: operation.isCreation ? 1 : 0,
    input: JSON.stringify(operation.input),
    style: operation.style,
    poll_path: operation.pollPath,
    output: operation.output === undefined ? null : JSON.stringify(operation.output),
    status: operation.status,
    step: operation.step,
    attempts: operation.attempts,
    begun: operation.begun,
    failure: operation.failure === undefined ? null : JSON.stringify(operation.failure),
    correlation_id: operation.correlationId,
    started_at: operation.startedAt,
    ended_at: operation.endedAt ?? null,
    expires_at: operation.endedAt === undefined ? null : expiryOf(operation.endedAt),
  });
  return numAffectedRows === 1n;
}

const insertRow = statement((on, row: OperationsTable) =>
  on
    .insertInto('operations')
    .values({
      id: row.id,
      resource_key: row.resource_key,
      resource_id: row.resource_id,
      type: row.type,
      verb: row.verb,
      creates: row.creates,
      input: row.input,
      style: row.style,
      poll_path: row.poll_path,
      output: row.output,
      status: row.status,
      step: row.step,
      attempts: row.attempts,
      begun: row.begun,
      failure: row.failure,
      correlation_id: row.correlation_id,
      started_at: row.started_at,
      ended_at: row.ended_at,
      expires_at: row.expires_at,
    })
    .onConflict((conflict) => conflict.column('id').doNothing()),
);

/** What a timer waits for that shall be due when an operation has ended. */
export const operationEnd = (id: string): string => `operation/${id}`;

const selectOperation = statement((on, { id }: { id: string }) =>
  on.selectFrom('operations').selectAll().where('id', '=', id),
);

/** The operation of that id, whatever its case. */
export async function findOperation(source: Source, id: string): Promise<OperationRow | undefined> {
  const reader: Reader = source instanceof Database ? source.reader : source;
  const { rows } = await selectOperation(reader, { id: id.toLowerCase() });
  return rows[0] === undefined ? undefined : rowOf(rows[0]);
}

/** The running operations on the resource of `key` and on everything below it. */
export async function listRunning(reader: Reader, key: string): Promise<OperationRow[]> {
  const rows = await reader
    .selectFrom('operations')
    .selectAll()
    .where((eb) => isWithin(eb, 'resource_key', key))
    .where('ended_at', 'is', null)
    .orderBy('id')
    .execute();
  return rows.map(rowOf);
}

/** Whether an operation of that type runs on the resource of that very key. */
export async function isRunningOn(
  source: Source,
  { type, key }: { readonly type: string; readonly key: string },
): Promise<boolean> {
  const reader: Reader = source instanceof Database ? source.reader : source;
  const row = await reader
    .selectFrom('operations')
    .select('id')
    .where('resource_key', '=', key)
    .where('ended_at', 'is', null)
    .where('type', '=', type)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function changeOperation(
  writer: Writer,
  id: string,
  change: Partial<
    Pick<OperationRow, 'status' | 'step' | 'attempts' | 'begun' | 'failure' | 'output' | 'endedAt'>
  >,
): Promise<void> {
  const query = writer
    .updateTable('operations')
    .set({
      ...(change.status === undefined ? {} : { status: change.status }),
      ...(change.step === undefined ? {} : { step: change.step }),
      ...(change.attempts === undefined ? {} : { attempts: change.attempts }),
      ...(change.begun === undefined ? {} : { begun: change.begun }),
      ...(change.failure === undefined ? {} : { failure: JSON.stringify(change.failure) }),
      ...(change.output === undefined ? {} : { output: JSON.stringify(change.output) }),
      ...(change.endedAt === undefined
        ? {}
        : { ended_at: change.endedAt, expires_at: expiryOf(change.endedAt) }),
    })
    .where('id', '=', id)
    .compile();
  await send(writer, query);
}

function rowOf(row: OperationsTable): OperationRow {
  return {
    id: row.id,
    resourceKey: row.resource_key,
    resourceId: row.resource_id,
    type: row.type,
    verb: row.verb,
    isCreation: row.creates !== 0,
    input: JSON.parse(row.input) as JsonObject,
    style: row.style as PollStyle,
    pollPath: row.poll_path,
    output: row.output === null ? undefined : (JSON.parse(row.output) as JsonObject),
    status: row.status as OperationStatus,
    step: row.step,
    attempts: row.attempts,
    begun: row.begun,
    failure: row.failure === null ? undefined : readFailure(row.failure),
    correlationId: row.correlation_id,
    startedAt: instant(Number(row.started_at)),
    endedAt: row.ended_at === null ? undefined : instant(Number(row.ended_at)),
  };
}

/** How many operations there are in each state. */
export async function countOperations(
  reader: Reader,
): Promise<ReadonlyMap<OperationStatus, number>> {
  const rows = await reader
    .selectFrom('operations')
    .select((operation) => ['status', operation.fn.countAll().as('count')])
    .groupBy('status')
    .execute();
  return new Map(rows.map(({ status, count }) => [status as OperationStatus, Number(count)]));
}
