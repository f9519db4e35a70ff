/**
 * Reads from the journal what a device did in a span of time, as far as it is measured: what happened in it, and how things stood when
 * it began. A span of long ago costs no more than one of today.
 */
import { type MachineHandle, storageOf } from '#fleet/fleet.ts';
import { type Instant, instant } from '#shared/instant.ts';
import { textIn } from '#shared/json.ts';
import type { Database, Reader } from '#store/database.ts';
import { type JournalEntry, type JournalFilter, newestFacts, readJournal } from '#store/journal.ts';
import { fillsAfter, MEASURED, type Measuring } from './series.ts';

const BYTES_PER_MB = 1024 ** 2;
const PAGE = 1000;

/** What is measured of the machine from one moment to another one. */
export async function measuringOf(
  { database }: { readonly database: Database },
  machine: MachineHandle,
  { from, to }: { readonly from: Instant; readonly to: Instant },
): Promise<Measuring> {
  const { reader } = database;
  const { resourceKey } = machine.owner;
  const within: JournalEntry[] = [];
  const kinds = Object.values(MEASURED).flat();
  for await (const fact of factsOf(reader, { resourceKey, kinds, from, to })) within.push(fact);
  const facts = [...(await standingAt(reader, resourceKey, from)), ...within];
  const end = await endOfDownloadAfter(reader, resourceKey, to);
  const { totalMb, freeMb } = storageOf(machine);
  return {
    totalBytes: totalMb * BYTES_PER_MB,
    freeBytes: freeMb * BYTES_PER_MB,
    facts: end === undefined ? facts : [...facts, end],
  };
}

/** The facts that say how things stood right before a moment, in order. */
async function standingAt(
  reader: Reader,
  resourceKey: string,
  moment: Instant,
): Promise<JournalEntry[]> {
  const before = instant(moment - 1);
  const standing: JournalEntry[] = [];
  for (const kinds of [MEASURED.status, MEASURED.downloads, MEASURED.transfers]) {
    for await (const fact of newestFacts(reader, { resourceKey, kinds, to: before })) {
      standing.push(fact);
      break;
    }
  }
  let fills: ReadonlySet<string> = new Set();
  const began = new Map<string, JournalEntry>();
  const kinds = MEASURED.faults;
  for await (const fact of factsOf(reader, { resourceKey, kinds, to: moment })) {
    fills = fillsAfter(fills, fact);
    if (fact.kind === 'fault.began') began.set(textIn(fact.data, 'fault'), fact);
    else began.delete(textIn(fact.data, 'fault'));
  }
  for (const id of fills) {
    const fact = began.get(id);
    if (fact !== undefined) standing.push(fact);
  }
  return standing.sort((a, b) => a.sequence - b.sequence);
}

/** The first end of a download from a moment on: what a download that runs then came to. */
async function endOfDownloadAfter(
  reader: Reader,
  resourceKey: string,
  from: Instant,
): Promise<JournalEntry | undefined> {
  const page = { resourceKey, kinds: [...MEASURED.downloads], from, limit: 1 };
  const [next] = await readJournal(reader, page);
  return next?.kind === 'update.downloading' ? undefined : next;
}

/** All facts that meet the filter, in the order in which they were told, read in pages. */
async function* factsOf(reader: Reader, filter: JournalFilter): AsyncGenerator<JournalEntry> {
  let after: number | undefined;
  for (;;) {
    const page = await readJournal(reader, {
      ...filter,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.sequence;
  }
}
