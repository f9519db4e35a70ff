/**
 * What a long-running operation is made of: a plan of steps. A plan is not stored; it is made anew from the stored
 * operation each time (it is a pure function of it), and the stored step number says where it stands. So a step must
 * be idempotent: it may run again after a crash, under the same `stepId`.
 */
import type { Failure } from '#shared/failure.ts';
import type { Duration, Instant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import type { TaskName } from '#store/appliances.ts';
import type { Writer } from '#store/database.ts';
import type { OperationRow } from '#store/operations.ts';

export type { OperationRow } from '#store/operations.ts';

export interface StepContext {
  /** `{operation id}/{step name}`: the same in every run of this step. */
  readonly stepId: string;
  readonly operationId: string;
  readonly now: Instant;
}

/** What a step may wait for: a command of a machine, or another operation by its id. */
export type Awaited = { readonly task: TaskName } | { readonly operation: string };

/** A change of another resource that comes with the end of a step, in the same transaction. */
export type Effect =
  | {
      readonly kind: 'put';
      /** ARM id as it shall be shown. */
      readonly id: string;
      /** Key of the resource that makes it. */
      readonly origin: string;
      readonly body: JsonObject;
    }
  | { readonly kind: 'remove'; readonly id: string };

export type StepResult =
  | {
      readonly done: true;
      readonly effects?: readonly Effect[];
      /** What the operation's status shows as `properties` once it has succeeded. */
      readonly output?: JsonObject;
    }
  /** Not yet: run the same step again as soon as one of these has ended. */
  | { readonly until: readonly Awaited[] }
  /** Not yet, and nothing tells when: run the same step again after this much simulated time. */
  | { readonly again: Duration }
  /** A piece of the work is done, and there is more: run the same step again at once. */
  | { readonly more: true }
  | {
      readonly failed: Failure;
      readonly effects?: readonly Effect[];
      /** It was refused before it began: a request whose first step is, is refused itself. */
      readonly isRefusal?: true;
    };

/**
 * One thing to do: `runIn`, where it does nothing but change the database, or `run`. A throw means an outage or a bug: it is
 * tried again, a bounded number of times.
 */
export type Step = StepInTransaction | StepBefore;

/** Runs in the transaction that records what comes of it, so that both are there or neither. */
export interface StepInTransaction extends StepHead {
  readonly runIn: (writer: Writer, context: StepContext) => Promise<StepResult>;
}

/** Runs before the transaction that records what comes of it: after a crash it may run again under the same `stepId`. */
export interface StepBefore extends StepHead {
  readonly run: (context: StepContext) => Promise<StepResult>;
}

interface StepHead {
  /** Unique in its plan; part of the step id, so it must not change between releases. */
  readonly name: string;
  /** Why the step would be refused if it began now; asked before the operation is accepted. */
  readonly refusal?: () => Promise<Failure | undefined>;
}

/** Makes the plan of a stored operation. Bound in `app.ts` to the resource types. */
export type Planner = (operation: OperationRow) => Promise<readonly Step[]>;

/** What a new operation needs from whoever accepts it. */
export type NewOperation = Pick<
  OperationRow,
  | 'resourceKey'
  | 'resourceId'
  | 'type'
  | 'verb'
  | 'isCreation'
  | 'input'
  | 'style'
  | 'pollPath'
  | 'correlationId'
>;
