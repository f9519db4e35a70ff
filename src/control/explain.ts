/**
 * Why is it so? The chain of facts that led to the value of a field, read from the journal: the fact that gave it its value, what
 * brought that about, and so on to what somebody asked for. Nothing is derived that the journal does not tell.
 */
import { formatInstant, type Instant, parseInstant } from '#shared/instant.ts';
import { isJsonObject, type Json, type JsonObject, textIn } from '#shared/json.ts';
import type { Reader } from '#store/database.ts';
import { type JournalEntry, newestFacts } from '#store/journal.ts';
import { findOperation } from '#store/operations.ts';
import { type ExplainedField, fieldsOf, subjectOf } from './explained-fields.ts';
import { type ControlParts, deviceOf } from './parts.ts';
import { invalidRequest, notFound, requiredParameter } from './requests.ts';
import { sentenceOf } from './sentences.ts';

/** The longest chain that is followed `[ours]`; real ones have three to five links. */
const MAX_LINKS = 20;

/** The answer to `?resource=&field=&at=`. */
export async function explained(parts: ControlParts, query: unknown): Promise<JsonObject> {
  const subject = subjectOf(requiredParameter(query, 'resource'));
  const field = fieldIn(query, subject.type);
  const device =
    subject.deviceId === undefined
      ? await parts.findDeviceOfCluster(subject.id)
      : await deviceOf(parts, subject.deviceId);
  if (device === undefined) throw notFound(`The resource '${subject.id}'`);
  const at = momentIn(query) ?? parts.clock.now();
  const { reader } = parts.database;
  const { resourceKey } = device.machine.owner;
  const found = await latest(reader, { resourceKey, kinds: field.kinds, to: at }, (entry) =>
    field.valueAfter(entry, subject.name) === undefined ? undefined : entry,
  );
  const value: Json =
    found === undefined ? field.initially : (field.valueAfter(found, subject.name) ?? null);
  const chain = found === undefined ? [] : await chainFrom(reader, found);
  return {
    resource: subject.id,
    field: field.name,
    at: formatInstant(at),
    value,
    chain: chain.map((entry) => ({
      at: formatInstant(entry.at),
      kind: entry.kind,
      resource: entry.resourceId,
      story: sentenceOf(entry),
      data: entry.data,
      cause: entry.cause,
    })),
  };
}

function fieldIn(query: unknown, type: string): ExplainedField {
  const fields = fieldsOf(type);
  const [first] = fields;
  if (first === undefined) {
    const message = `Nothing is explained of resources of type '${type}'.`;
    throw invalidRequest([{ target: 'resource', message }]);
  }
  const asked = isJsonObject(query) && query.field !== '' ? query.field : undefined;
  if (asked === undefined) return first;
  const field = fields.find(
    ({ name }) => name.toLowerCase() === (typeof asked === 'string' ? asked.toLowerCase() : ''),
  );
  if (field !== undefined) return field;
  const names = fields.map(({ name }) => name).join(', ');
  throw invalidRequest([{ target: 'field', message: `'field' must be one of ${names}.` }]);
}

function momentIn(query: unknown): Instant | undefined {
  const at = isJsonObject(query) ? query.at : undefined;
  if (at === undefined) return undefined;
  const moment = typeof at === 'string' ? parseInstant(at) : undefined;
  if (moment !== undefined) return moment;
  const message = "'at' must be a date-time such as 2026-01-01T00:00:00Z.";
  throw invalidRequest([{ target: 'at', message }]);
}

/** The newest entry for which `pick` gives something. */
async function latest(
  reader: Reader,
  newest: Parameters<typeof newestFacts>[1],
  pick: (entry: JournalEntry) => JournalEntry | undefined,
): Promise<JournalEntry | undefined> {
  for await (const entry of newestFacts(reader, newest)) {
    const picked = pick(entry);
    if (picked !== undefined) return picked;
  }
  return undefined;
}

/** `entry`, what brought it about, what brought that about, and so on. */
async function chainFrom(reader: Reader, entry: JournalEntry): Promise<readonly JournalEntry[]> {
  const chain = [entry];
  for (let link = entry; chain.length < MAX_LINKS; ) {
    const before = await causeOf(reader, link);
    if (before === undefined) break;
    chain.push(before);
    link = before;
  }
  return chain;
}

/** The fact that the cause of `entry` names; undefined at the end of the chain. */
async function causeOf(reader: Reader, entry: JournalEntry): Promise<JournalEntry | undefined> {
  const [kind = '', ...words] = entry.cause.split('/');
  const { resourceKey, sequence, at } = entry;
  if (kind === 'fault') {
    const id = words.join('/');
    const kinds = ['fault.injected', 'fault.began', 'fault.ended'];
    const newest = { resourceKey, kinds, to: at, before: sequence };
    return await latest(reader, newest, (one) =>
      textIn(one.data, 'fault') === id ? one : undefined,
    );
  }
  if (kind === 'campaign') {
    const newest = { resourceKey, kinds: ['campaign.began'], before: sequence };
    return await latest(reader, newest, (one) =>
      textIn(one.data, 'campaign') === words[0] ? one : undefined,
    );
  }
  if (kind === 'command' || kind === 'operation') {
    const operation = await findOperation(reader, words[0] ?? '');
    if (operation === undefined) return undefined;
    const { resourceKey: key, id } = operation;
    const newest = { resourceKey: key, kinds: ['operation.accepted'], before: sequence };
    return await latest(reader, newest, (one) =>
      textIn(one.data, 'operation') === id ? one : undefined,
    );
  }
  return undefined;
}
