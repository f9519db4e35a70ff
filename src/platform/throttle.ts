/**
 * Throttling: limits the calls of one kind (read, write, delete) by one caller in one subscription during a span of real
 * time (`EDGETWIN_THROTTLE`), and refuses further ones as ARM does (arm-protocol §2.2, §5.1). The gate counts every call.
 * Without a limit nothing is counted, and answers have the numbers of the recordings.
 */
import { accessErrors } from '#arm/errors/access.ts';
import { type Duration, type Instant, plus, seconds } from '#shared/instant.ts';

export interface ThrottleLimit {
  readonly calls: number;
  readonly span: Duration;
}

/** Reads a limit: `100` is 100 calls per minute, `100/10` is 100 calls per ten seconds; undefined for anything else. */
export function readThrottleLimit(text: string): ThrottleLimit | undefined {
  const match = /^([1-9]\d{0,8})(?:\/([1-9]\d{0,5}))?$/.exec(text);
  return match === null
    ? undefined
    : { calls: Number(match[1]), span: seconds(Number(match[2] ?? 60)) };
}

export interface ThrottledCall {
  readonly method: string;
  /** Undefined: the call belongs to no subscription. */
  readonly subscriptionId: string | undefined;
  /** Object id of the caller; one value for all where callers need not sign in. */
  readonly actor: string;
}

/** The header with the number of remaining calls, and that number. */
export type RemainingCalls = readonly [header: string, left: string];

interface Span {
  endsAt: Instant;
  left: number;
}

/** At this many spans, those that have ended are removed. */
const MAX_SPANS = 10_000;

export class Throttle {
  readonly #limit: ThrottleLimit;
  readonly #now: () => Instant;
  readonly #spans = new Map<string, Span>();

  /** `now` gives real time. */
  constructor(limit: ThrottleLimit, now: () => Instant) {
    this.#limit = limit;
    this.#now = now;
  }

  /** Counts a call, or refuses it. */
  take(call: ThrottledCall): RemainingCalls {
    const kind = kindOf(call.method);
    const { subscriptionId, actor } = call;
    const span = this.#spanOf(`${subscriptionId ?? ''} ${actor} ${kind}`);
    if (span.left <= 0) {
      const retryAfterS = Math.max(1, Math.ceil((span.endsAt - this.#now()) / 1000));
      const where = subscriptionId ?? 'tenant';
      throw accessErrors.throttled({ kind, subscriptionId: where, actor, retryAfterS });
    }
    span.left--;
    return [remainingHeader(call.method, subscriptionId !== undefined), String(span.left)];
  }

  #spanOf(name: string): Span {
    const now = this.#now();
    const known = this.#spans.get(name);
    if (known !== undefined && known.endsAt > now) return known;
    if (this.#spans.size >= MAX_SPANS) {
      for (const [other, { endsAt }] of this.#spans) if (endsAt <= now) this.#spans.delete(other);
      // Bounds the memory for a client that invents subscriptions faster than spans end.
      if (this.#spans.size >= MAX_SPANS) this.#spans.clear();
    }
    const span = { endsAt: plus(now, this.#limit.span), left: this.#limit.calls };
    this.#spans.set(name, span);
    return span;
  }
}

type Kind = 'read' | 'write' | 'delete';

function kindOf(method: string): Kind {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return 'read';
  return method === 'DELETE' ? 'delete' : 'write';
}

/** `x-ms-ratelimit-remaining-subscription-reads`, `…-tenant-writes` and so on [rec, doc]. */
function remainingHeader(method: string, isInSubscription: boolean): string {
  const where = isInSubscription ? 'subscription' : 'tenant';
  return `x-ms-ratelimit-remaining-${where}-${kindOf(method)}s`;
}
