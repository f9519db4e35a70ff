/**
 * What the recordings of different years show of the same service: waits and counters that have changed while the contract has not.
 * One table; `EDGETWIN_ERA` chooses the row. Sources: [rec 5, 9, 10, 12] (arm-protocol §0.2, §5.1).
 */

/** A counter of remaining calls: its header and the recorded value. */
type Counter = readonly [header: string, left: string];

export interface Era {
  /** The `Retry-After` of the 202 that accepts a PUT of a child, in simulated seconds. */
  readonly putRetryS: number;
  /** What is left of a subscription's calls where nothing is counted, by method. */
  readonly remaining: Readonly<Record<string, readonly Counter[]>>;
}

const PREFIX = 'x-ms-ratelimit-remaining-subscription';

type Left = Readonly<Record<'reads' | 'writes' | 'deletes', readonly [own: string, all?: string]>>;

function remainingOf(left: Left): Era['remaining'] {
  const of = (kind: keyof Left): Counter[] => {
    const [own, all] = left[kind];
    const counter: Counter = [`${PREFIX}-${kind}`, own];
    return all === undefined ? [counter] : [counter, [`${PREFIX}-global-${kind}`, all]];
  };
  const writes = of('writes');
  return { GET: of('reads'), PUT: writes, PATCH: writes, POST: writes, DELETE: of('deletes') };
}

export const ERAS = {
  '2021': {
    putRetryS: 30,
    remaining: remainingOf({ reads: ['11999'], writes: ['1199'], deletes: ['14999'] }),
  },
  '2025': {
    putRetryS: 5,
    remaining: remainingOf({
      reads: ['1099', '16499'],
      writes: ['799', '11999'],
      deletes: ['799', '11999'],
    }),
  },
} as const satisfies Readonly<Record<string, Era>>;

export type EraName = keyof typeof ERAS;

/** The newest first, which is the default. */
export const ERA_NAMES = ['2025', '2021'] as const satisfies readonly EraName[];
