/**
 * Accepts a change: what is common to every verb that writes. Either the change is made at once, or an operation is
 * begun; both in one transaction with the journal, which first makes sure that nobody else was quicker.
 */
import { fact } from '#shared/facts.ts';
import type { JsonObject } from '#shared/json.ts';
import { guid } from '#shared/random.ts';
import { beginOperation } from '#operations/engine.ts';
import type { NewOperation, Step } from '#operations/operation.ts';
import type { Writer } from '#store/database.ts';
import { appendFacts } from '#store/journal.ts';
import type { PollStyle } from '#store/operations.ts';
import {
  changeResource,
  insertResource,
  readResource,
  removeResource,
  type ResourceRow,
} from '#store/resources.ts';
import { nextNumbers } from '#store/counters.ts';
import { errors } from '../errors.ts';
import { forgetTree } from '../forget.ts';
import { acceptedAnswer, type Answer, styleFor } from '../polling.ts';
import type { ArmRequest, Provider } from '../provider.ts';
import { groupKeyOf, nameOf, parentKeyOf } from '../resource-id.ts';
import { typeKey } from '../resource-type.ts';
import { idOf } from './target.ts';

/** Refuses when another operation on the resource is under way. */
export function checkIdle(resource: ResourceRow | undefined): void {
  if (resource?.operationId !== undefined) throw errors.operationInProgress(resource.name);
}

/** Refuses when the first step would be refused now: a wrong request must not become a failed operation. */
export async function checkPlan(steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const refusal = await step.refusal?.();
    if (refusal !== undefined) throw errors.refused(refusal);
  }
}

/** An operation about to be accepted. */
export interface Acceptance {
  readonly verb: string;
  readonly input: JsonObject;
  readonly style: PollStyle | undefined;
  readonly isVisibleAtOnce?: boolean;
  /** Drawn beforehand where a plan needs it. */
  readonly operationId?: string;
}

/** A new operation's id: a GUID drawn from the seed, different at every call. */
export async function newOperationId<Ports>(provider: Provider<Ports>): Promise<string> {
  return await provider.database.write(async (writer) => {
    const number = await nextNumbers(writer, 'operations');
    return guid(provider.seed, 'operation', number);
  });
}

/** Begins an operation on `old` (or on a resource that it makes) and answers the 202. */
export async function acceptOperation<Ports>(
  provider: Provider<Ports>,
  request: ArmRequest<Ports>,
  old: ResourceRow | undefined,
  acceptance: Acceptance,
): Promise<Answer> {
  const id = idOf(request);
  const now = provider.clock.now();
  const operation = await provider.database.write(async (writer) => {
    await checkUnchanged(writer, id.key, old);
    const operationId =
      acceptance.operationId ??
      guid(provider.seed, 'operation', await nextNumbers(writer, 'operations'));
    const begun: NewOperation = {
      id: operationId,
      resourceKey: id.key,
      resourceId: old?.id ?? id.id,
      type: typeKey(request.type),
      verb: acceptance.verb,
      isCreation: old === undefined,
      input: acceptance.input,
      style: styleFor(acceptance.style, provider.isAzureAsync),
      correlationId: request.correlationId,
    };
    if (old === undefined) {
      const isVisible = acceptance.isVisibleAtOnce === true;
      const row = newRow(provider, request, acceptance.input);
      await insertResource(writer, { ...row, isVisible, operationId, revision: 0 });
    } else {
      await changeResource(writer, id.key, { operationId });
    }
    await beginOperation(writer, begun, now);
    await journal(
      writer,
      request,
      old,
      'operation.accepted',
      {
        operation: operationId,
        verb: acceptance.verb,
        type: begun.type,
      },
      now,
    );
    return { ...begun, status: 'Running', step: 0, attempts: 0, startedAt: now } as const;
  });
  const base = { origin: request.origin, version: request.askedVersion };
  return acceptedAnswer(
    { ...operation, failure: undefined, endedAt: undefined },
    base,
    provider.clock,
  );
}

/** Writes `body` at once and gives the row as it stands now. */
export async function writeNow<Ports>(
  provider: Provider<Ports>,
  request: ArmRequest<Ports>,
  old: ResourceRow | undefined,
  body: JsonObject,
): Promise<ResourceRow> {
  const id = idOf(request);
  const now = provider.clock.now();
  return await provider.database.write(async (writer) => {
    await checkUnchanged(writer, id.key, old);
    const type = typeKey(request.type);
    if (old === undefined) {
      const row = newRow(provider, request, body);
      await insertResource(writer, row);
      await journal(writer, request, old, 'resource.created', { type }, now);
      return row;
    }
    const revision = old.revision + 1;
    await changeResource(writer, id.key, { body, changedAt: now, revision });
    await journal(writer, request, old, 'resource.changed', { type }, now);
    return { ...old, body, changedAt: now, revision };
  });
}

/** Removes the resource, all below it, and what hangs on them, at once. */
export async function removeNow<Ports>(
  provider: Provider<Ports>,
  request: ArmRequest<Ports>,
  old: ResourceRow,
): Promise<void> {
  await provider.database.write(async (writer) => {
    await checkUnchanged(writer, old.key, old);
    await forgetTree(provider, old, writer);
    await removeResource(writer, old.key);
    const data = { type: typeKey(request.type) };
    await journal(writer, request, old, 'resource.deleted', data, provider.clock.now());
  });
}

/** Refuses when the resource is no longer what the request was checked against. */
async function checkUnchanged(
  writer: Writer,
  key: string,
  old: ResourceRow | undefined,
): Promise<void> {
  const present = await readResource(writer, key);
  checkIdle(present);
  const isSame = present?.incarnation === old?.incarnation && present?.revision === old?.revision;
  if (!isSame) throw errors.operationInProgress(present?.name ?? old?.name ?? key);
}

function newRow<Ports>(
  provider: Provider<Ports>,
  request: ArmRequest<Ports>,
  body: JsonObject,
): ResourceRow {
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
  };
}

async function journal<Ports>(
  writer: Writer,
  request: ArmRequest<Ports>,
  old: ResourceRow | undefined,
  ...[kind, data, at]: Parameters<typeof factOf>
): Promise<void> {
  const id = idOf(request);
  await appendFacts(
    writer,
    {
      subscriptionId: id.subscriptionId,
      resourceKey: id.key,
      resourceId: old?.id ?? id.id,
      cause: `request/${request.correlationId}`,
    },
    [factOf(kind, data, at)],
  );
}

const factOf = (
  kind: string,
  data: JsonObject,
  at: ReturnType<Provider<unknown>['clock']['now']>,
) => fact(at, kind, data);
