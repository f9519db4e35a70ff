/**
 * Accepts a change: what is common to every verb that writes. Either the change is made at once, or an operation is
 * begun; both in one transaction with the journal, which first makes sure that nobody else was quicker.
 */
import { newOperation, startOperation, startWithStep } from '#operations/begin.ts';
import type { NewOperation, Step } from '#operations/operation.ts';
import { type Fact, fact } from '#shared/facts.ts';
import type { JsonObject } from '#shared/json.ts';
import { guid } from '#shared/random.ts';
import type { Writer } from '#store/database.ts';
import { appendFacts } from '#store/journal.ts';
import type { OperationRow, PollStyle } from '#store/operations.ts';
import { StaleReadError, writeConsistently } from '#store/read-set.ts';
import {
  changeUnchanged,
  insertResource,
  removeResource,
  type ResourceRow,
} from '#store/resources.ts';
import { errors, statusOf } from '../errors.ts';
import { cascadeDelete, forgetting } from '../cascade-delete.ts';
import { acceptedAnswer, type Answer, styleFor } from '../polling.ts';
import type { ArmRequest, Provider } from '../provider.ts';
import {
  groupKeyOf,
  nameOf,
  parentKeyOf,
  resourceIdOf,
  rootIdOf,
  urlPathOf,
} from '#shared/arm-id.ts';
import { typeKey } from '../declaration.ts';
import { systemDataOf } from '../system-data.ts';
import { idOf } from './target.ts';

/** An api-version in which every operation can be looked at. */
const STATUS_VERSION = '2023-12-01';

/** Refuses when another operation on the resource is under way, and says where to look for its end. */
export function checkIdle(resource: ResourceRow | undefined): void {
  if (resource?.operationId === undefined) return;
  const root = rootIdOf(resourceIdOf(resource.id));
  const poll = `${urlPathOf(root)}/operationsStatus/${resource.operationId}?api-version=${STATUS_VERSION}`;
  throw errors.operationInProgress(resource.name, poll);
}

/**
 * Refuses when a step would be refused now: a wrong request must not become a failed operation. `isFirstAtOnce`: the first step is
 * not asked where it will run with the acceptance, which refuses then.
 */
export async function checkPlan(
  steps: readonly Step[],
  {
    status,
    isFirstAtOnce = false,
  }: { readonly status?: number; readonly isFirstAtOnce?: boolean } = {},
): Promise<void> {
  for (const [index, step] of steps.entries()) {
    if (index === 0 && isFirstAtOnce && 'runIn' in step) continue;
    const refusal = await step.refusal?.();
    if (refusal !== undefined) throw errors.refused(refusal, status ?? statusOf(refusal));
  }
}

/** An operation about to be accepted. */
export interface Acceptance {
  /** The resource as the request was checked against; undefined: the operation makes it. */
  readonly resource: ResourceRow | undefined;
  readonly verb: string;
  readonly input: JsonObject;
  readonly style: PollStyle | undefined;
  readonly pollPath?: string;
  readonly isVisibleAtOnce?: boolean;
  /**
   * The steps, where they do not depend on the operation's id: then the first one runs in the transaction that accepts the
   * operation, if it is one that may.
   */
  readonly plan?: readonly Step[];
  /** The status of the answer where that step is refused, if the failure's own is not meant. */
  readonly refusalStatus?: number;
  /** A job of the machine's: the resource stays free for writes; what cannot go together, the machine refuses. */
  readonly isJob?: boolean;
}

/** Begins an operation and answers the 202. */
export async function acceptOperation(
  provider: Provider,
  request: ArmRequest,
  acceptance: Acceptance,
): Promise<Answer> {
  const operation = await begun(provider, request, acceptance);
  return acceptedAnswer(operation, {
    origin: request.origin,
    version: request.askedVersion,
    clock: provider.clock,
    era: provider.era,
  });
}

/** Begins the operation, with its first step where that may run at once. */
async function begun(
  provider: Provider,
  request: ArmRequest,
  acceptance: Acceptance,
): Promise<OperationRow> {
  const [step, ...later] = acceptance.plan ?? [];
  const start = async (writer: Writer, operation: OperationRow): Promise<void> =>
    await startOperation(writer, operation);
  if (step === undefined || !('runIn' in step)) {
    return await beginAs(provider, request, { acceptance, start });
  }
  const parts = { seed: provider.seed, forget: forgetting(provider) };
  let thrown: unknown;
  try {
    return await beginAs(provider, request, {
      acceptance,
      start: async (writer, operation) => {
        const isLast = later.length === 0;
        const refusal = await startWithStep(writer, parts, { operation, step, isLast }).catch(
          (error: unknown) => {
            thrown = error;
            throw error;
          },
        );
        if (refusal !== undefined) {
          throw errors.refused(refusal, acceptance.refusalStatus ?? statusOf(refusal));
        }
      },
    });
  } catch (error) {
    if (error !== thrown) throw error;
    // An outage of the step's is the operation's affair and not the request's: the engine tries it again, and tells how that ended.
    provider.log.warn({ err: error, resourceId: idOf(request).id }, 'a first step threw');
    return await beginAs(provider, request, { acceptance, start });
  }
}

async function beginAs(
  provider: Provider,
  request: ArmRequest,
  {
    acceptance,
    start,
  }: {
    readonly acceptance: Acceptance;
    readonly start: (writer: Writer, operation: OperationRow) => Promise<void>;
  },
): Promise<OperationRow> {
  const now = provider.clock.now();
  return await writeConsistently(provider.database, async (writer): Promise<OperationRow> => {
    const operation = await newOperation(writer, provider.seed, {
      now,
      operation: operationOf(provider, request, acceptance),
    });
    const { id, verb, type, resourceId } = operation;
    if (acceptance.isJob !== true) {
      await claim(provider, request, { writer, acceptance, operationId: id });
    }
    const accepted = fact(now, 'operation.accepted', { operation: id, verb, type });
    await journal(writer, request, { fact: accepted, resourceId });
    await start(writer, operation);
    return operation;
  });
}

function operationOf(
  provider: Provider,
  request: ArmRequest,
  acceptance: Acceptance,
): NewOperation {
  const id = idOf(request);
  return {
    resourceKey: id.key,
    resourceId: acceptance.resource?.id ?? id.id,
    type: typeKey(request.type),
    verb: acceptance.verb,
    isCreation: acceptance.verb === 'put' && acceptance.resource === undefined,
    input: acceptance.input,
    style: styleFor(acceptance.style, provider.isAzureAsync),
    pollPath: acceptance.pollPath ?? '',
    correlationId: request.correlationId,
  };
}

/** Marks the resource as busy; one that is to be made gets its row, hidden unless its type says otherwise. */
async function claim(
  provider: Provider,
  request: ArmRequest,
  {
    writer,
    acceptance,
    operationId,
  }: { writer: Writer; acceptance: Acceptance; operationId: string },
): Promise<void> {
  if (acceptance.resource !== undefined) {
    const { resource, verb } = acceptance;
    // Deletions and actions change nothing that a client has asked to be otherwise.
    const isWrite = verb === 'put';
    const now = provider.clock.now();
    const claimed = await changeUnchanged(writer, resource, {
      operationId,
      ...(isWrite ? { systemData: systemDataOf(request.actor, now, resource) } : {}),
    });
    if (!claimed) throw new StaleReadError(resource.key);
    return;
  }
  await insertResource(writer, {
    ...newRow(provider, request, acceptance.input),
    isVisible: acceptance.isVisibleAtOnce === true,
    operationId,
    revision: 0,
  });
}

/** A change that is made at once: the resource as the request was checked against, and its new body. */
export interface WriteNow {
  readonly resource: ResourceRow | undefined;
  readonly body: JsonObject;
}

/** Writes the body and gives the row as it stands now. */
export async function writeNow(
  provider: Provider,
  request: ArmRequest,
  { resource: old, body }: WriteNow,
): Promise<ResourceRow> {
  const now = provider.clock.now();
  const type = typeKey(request.type);
  return await writeConsistently(provider.database, async (writer) => {
    if (old === undefined) {
      const row = newRow(provider, request, body);
      await insertResource(writer, row);
      const created = fact(now, 'resource.created', { type });
      await journal(writer, request, { fact: created, resourceId: row.id });
      return row;
    }
    const revision = old.revision + 1;
    const systemData = systemDataOf(request.actor, now, old);
    const change = { body, changedAt: now, revision, systemData };
    if (!(await changeUnchanged(writer, old, change))) throw new StaleReadError(old.key);
    const changed = fact(now, 'resource.changed', { type });
    await journal(writer, request, { fact: changed, resourceId: old.id });
    return { ...old, body, changedAt: now, revision, systemData };
  });
}

/** Removes the resource, all below it, and what hangs on them, at once. */
export async function removeNow(
  provider: Provider,
  request: ArmRequest,
  old: ResourceRow,
): Promise<void> {
  await writeConsistently(provider.database, async (writer) => {
    await cascadeDelete(provider, old, writer);
    await removeResource(writer, old.key);
    const type = typeKey(request.type);
    const deleted = fact(provider.clock.now(), 'resource.deleted', { type });
    await journal(writer, request, { fact: deleted, resourceId: old.id });
  });
}

function newRow(provider: Provider, request: ArmRequest, body: JsonObject): ResourceRow {
  const id = idOf(request);
  const now = provider.clock.now();
  return {
    key: id.key,
    id: id.id,
    type: typeKey(request.type),
    name: nameOf(id),
    parent: parentKeyOf(id),
    subscriptionId: id.subscriptionId,
    resourceGroup: groupKeyOf(id),
    body,
    origin: undefined,
    incarnation: guid(provider.seed, 'incarnation', id.key, now),
    revision: 1,
    isVisible: true,
    operationId: undefined,
    createdAt: now,
    changedAt: now,
    systemData: systemDataOf(request.actor, now, undefined),
  };
}

async function journal(
  writer: Writer,
  request: ArmRequest,
  entry: { readonly fact: Fact; readonly resourceId: string },
): Promise<void> {
  const id = idOf(request);
  const subject = {
    subscriptionId: id.subscriptionId,
    resourceKey: id.key,
    resourceId: entry.resourceId,
    cause: `request/${request.correlationId}`,
  };
  await appendFacts(writer, subject, [entry.fact]);
}
