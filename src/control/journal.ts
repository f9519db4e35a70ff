/** The journal over the control door: a page of what happened to a resource or in a subscription, and why. */
import type { Fault } from '#shared/failure.ts';
import { formatInstant, type Instant, parseInstant } from '#shared/instant.ts';
import { isJsonObject, type JsonObject } from '#shared/json.ts';
import type { Reader } from '#store/database.ts';
import { type JournalPage, readJournal } from '#store/journal.ts';
import { invalidRequest, limitFault, limitIn, nextLinkOf } from './requests.ts';

/** Entries in the order in which they were recorded; `nextLink` leads on where there are more. */
export async function journalPage(
  reader: Reader,
  query: unknown,
  url: string,
): Promise<JsonObject> {
  const page = pageIn(query);
  const entries = await readJournal(reader, { ...page, limit: page.limit + 1 });
  const shown = entries.slice(0, page.limit);
  const last = entries.length > page.limit ? shown.at(-1) : undefined;
  return {
    value: shown.map(({ at, sequence, resourceId, kind, data, cause }) => ({
      sequence,
      at: formatInstant(at),
      resource: resourceId,
      kind,
      data,
      cause,
    })),
    ...(last === undefined ? {} : { nextLink: nextLinkOf(url, String(last.sequence)) }),
  };
}

/** `?resource=&subscription=&kind=&from=&to=&after=&limit=`, one of the first two at least; throws all faults. */
function pageIn(query: unknown): JournalPage {
  const asked = isJsonObject(query) ? query : {};
  const { resource, kind, from, to, after } = asked;
  const faults: Fault[] = [];
  const instantIn = (target: string, value: unknown): { [name: string]: Instant } => {
    if (value === undefined) return {};
    const at = typeof value === 'string' ? parseInstant(value) : undefined;
    if (at !== undefined) return { [target]: at };
    const message = `'${target}' must be a date-time such as 2026-01-01T00:00:00Z.`;
    faults.push({ target, message });
    return {};
  };
  const isNumbered = after === undefined || (typeof after === 'string' && /^\d{1,15}$/.test(after));
  if (!isNumbered) {
    const message = "'after' must be the sequence of an entry, a whole number.";
    faults.push({ target: 'after', message });
  }
  faults.push(...limitFault(query));
  const page = {
    ...(typeof resource === 'string' ? { resourceKey: resource.toLowerCase() } : {}),
    ...(typeof resource !== 'string' || asked.subscription !== undefined
      ? { subscriptionId: subscriptionIn(query) }
      : {}),
    ...(typeof kind === 'string' && kind !== '' ? { kinds: kind.split(',') } : {}),
    ...instantIn('from', from),
    ...instantIn('to', to),
    ...(after === undefined ? {} : { after: Number(after) }),
  };
  if (faults.length > 0) throw invalidRequest(faults);
  return { ...page, limit: limitIn(query) };
}

/** What a journal is of must be said; a subscription's alone can be said to be missing. */
function subscriptionIn(query: unknown): string {
  const { subscription } = isJsonObject(query) ? query : {};
  if (typeof subscription === 'string' && subscription !== '') return subscription;
  const message =
    "The journal is of something: name it with 'resource' (an ARM id) or 'subscription' (a GUID).";
  throw invalidRequest([{ target: 'resource', message }]);
}
