/**
 * Metrics of a device as time series, computed from the journal when somebody asks: what a device measured while Azure could hear it.
 * Nothing is stored of them. Capacity follows from the model and from what fills it; throughput from the downloads of updates, and
 * from what refreshes transfer, since no other data moves.
 */
import { earlier, type Instant, later } from '#shared/instant.ts';
import { type Json, textIn } from '#shared/json.ts';
import type { JournalEntry } from '#store/journal.ts';

/** Kinds of facts from which the series are computed, by what they tell of: each is told of by the newest fact, faults by all. */
export const MEASURED = {
  status: ['machine.statusChanged'],
  faults: ['fault.began', 'fault.ended'],
  downloads: ['update.downloading', 'update.downloaded', 'update.failed'],
  transfers: ['transfer.rateChanged'],
} as const;

/** The status of a device from which samples arrive. */
const HEARD = ['Online', 'NeedsAttention', 'PartiallyDisconnected'];

/** A value that stays the same for a while; undefined: nothing is measured meanwhile. */
interface Piece {
  readonly from: Instant;
  readonly to: Instant;
  readonly value: number | undefined;
}

/** What is measured in an interval; all undefined where nothing is. */
export interface Measured {
  readonly at: Instant;
  readonly average?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface Measuring {
  /** Bytes of the data volume, and of them those in use by the device itself. */
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** Facts of the `MEASURED` kinds that hold in the time that is measured, the oldest first; the end of a download, too, if it is later. */
  readonly facts: readonly JournalEntry[];
}

/** What a device does at one moment, as far as it is measured. */
interface Doing {
  readonly isHeard: boolean;
  /** Faults that fill the volume. */
  readonly fills: ReadonlySet<string>;
  readonly downloadRate: number;
  /** Of refreshes: in all, and of shares. */
  readonly transferRate: number;
  readonly shareRate: number;
}

const VALUES: Readonly<Record<string, (doing: Doing, measuring: Measuring) => number>> = {
  TotalCapacity: (_doing, { totalBytes }) => totalBytes,
  AvailableCapacity: ({ fills }, { freeBytes }) => (fills.size > 0 ? 0 : freeBytes),
  CloudReadThroughput: ({ downloadRate, transferRate }) => downloadRate + transferRate,
  CloudReadThroughputPerShare: ({ shareRate }) => shareRate,
  NICReadThroughput: ({ downloadRate, transferRate }) => downloadRate + transferRate,
};

/** The series of the metric of that name: one entry an interval of `stepMs`, from `from` to `to`. */
export function seriesOf(
  name: string,
  measuring: Measuring,
  { from, to, stepMs }: { readonly from: Instant; readonly to: Instant; readonly stepMs: number },
): readonly Measured[] {
  const pieces = piecesOf(name, measuring, to);
  const series: Measured[] = [];
  let first = 0;
  for (let at = from; at < to; at = (at + stepMs) as Instant) {
    const end = earlier((at + stepMs) as Instant, to);
    while (first < pieces.length && (pieces[first]?.to ?? end) <= at) first++;
    series.push(measuredIn(pieces, first, { at, end }));
  }
  return series;
}

function measuredIn(
  pieces: readonly Piece[],
  first: number,
  { at, end }: { readonly at: Instant; readonly end: Instant },
): Measured {
  let sum = 0;
  let length = 0;
  let minimum = Infinity;
  let maximum = -Infinity;
  for (let index = first; index < pieces.length; index++) {
    const piece = pieces[index];
    if (piece === undefined || piece.from >= end) break;
    if (piece.value === undefined) continue;
    const part = earlier(piece.to, end) - later(piece.from, at);
    if (part <= 0) continue;
    sum += piece.value * part;
    length += part;
    minimum = Math.min(minimum, piece.value);
    maximum = Math.max(maximum, piece.value);
  }
  return length === 0 ? { at } : { at, average: sum / length, minimum, maximum };
}

/** The pieces of one metric, in order, up to `to`. */
function piecesOf(name: string, measuring: Measuring, to: Instant): readonly Piece[] {
  const valueOf = VALUES[name];
  const pieces: Piece[] = [];
  const { facts } = measuring;
  let doing: Doing = {
    ...{ isHeard: false, fills: new Set() },
    ...{ downloadRate: 0, transferRate: 0, shareRate: 0 },
  };
  facts.forEach((fact, index) => {
    doing = after(doing, facts, index);
    const end = facts[index + 1]?.at ?? to;
    // Other metrics than these are of data that does not move here.
    const value = doing.isHeard ? (valueOf?.(doing, measuring) ?? 0) : undefined;
    if (end > fact.at) pieces.push({ from: fact.at, to: end, value });
  });
  return pieces;
}

function after(doing: Doing, facts: readonly JournalEntry[], index: number): Doing {
  const fact = facts[index];
  if (fact === undefined) return doing;
  const { kind, data } = fact;
  switch (kind) {
    case 'machine.statusChanged':
      return { ...doing, isHeard: HEARD.some((status) => status === data.to) };
    case 'fault.began':
    case 'fault.ended':
      return { ...doing, fills: fillsAfter(doing.fills, fact) };
    case 'update.downloading':
      return { ...doing, downloadRate: rateOf(fact, endOfDownload(facts, index)) };
    case 'update.downloaded':
    case 'update.failed':
      return { ...doing, downloadRate: 0 };
    case 'transfer.rateChanged':
      return {
        ...doing,
        transferRate: numberIn(data.bytesPerSecond),
        shareRate: numberIn(data.ofShares),
      };
    default:
      return doing;
  }
}

/** The faults that fill the volume, after one more fact. */
export function fillsAfter(
  fills: ReadonlySet<string>,
  { kind, data }: JournalEntry,
): ReadonlySet<string> {
  if (data.kind !== 'storageFull') return fills;
  const next = new Set(fills);
  if (kind === 'fault.began') next.add(textIn(data, 'fault'));
  else next.delete(textIn(data, 'fault'));
  return next;
}

const isEndOfDownload = ({ kind }: JournalEntry): boolean =>
  kind === 'update.downloaded' || kind === 'update.failed';

const endOfDownload = (facts: readonly JournalEntry[], index: number): JournalEntry | undefined =>
  facts.find((fact, place) => place > index && isEndOfDownload(fact));

/** Bytes a second of a download that has ended, on average; of one that runs, as if it took a quarter of an hour [ours]. */
function rateOf({ at, data }: JournalEntry, end: JournalEntry | undefined): number {
  const seconds = end === undefined ? 900 : Math.max(1, (end.at - at) / 1000);
  return Math.round(numberIn(data.sizeBytes) / seconds);
}

const numberIn = (value: Json | undefined): number => (typeof value === 'number' ? value : 0);
