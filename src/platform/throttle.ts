/**
 * Throttling: so many calls of a kind, by a caller, in a subscription, in a span of wall time (`EDGETWIN_THROTTLE`); who
 * calls more often is refused as ARM does (arm-protocol §2.2, §5.1). Asked by the gate for every call; without a limit it
 * does not exist, and answers carry the numbers of the recordings.
 */
import { accessErrors } from '#arm/access-errors.ts';
import { type Duration, type Instant, plus, seconds } from '#shared/instant.ts';

export interface ThrottleLimit {
  readonly calls: number;
  readonly span: Duration;
}

/** `100` calls a minute, `100/10` in ten seconds; undefined for anything else. */
export function readThrottleLimit(text: string): ThrottleLimit | undefined {
  const match = /^([1-9]\d{0,8})(?:\/([1-9]\d{0,5}))?$/.exec(text);
  return match === null
    ? undefined
    : { calls: Number(match[1]), span: seconds(Number(match[2] ?? 60)) };
}

export interface ThrottledCall {
  readonly method: string;
  /** Undefined: a call that belongs to no subscription. */
  readonly subscriptionId: string | undefined;
  /** Object id of the caller; nobody's where nobody signs in. */
  readonly actor: string;
}

/** The header that says how many calls are left, and how many. */
export type RemainingCalls = readonly [header: string, left: string];

interface Span {
  endsAt: Instant;
  left: number;
}

/** Above this many spans, those that are over are forgotten. */
const MOST_SPANS = 10_000;

export class Throttle {
  readonly #limit: ThrottleLimit;
  readonly #now: () => Instant;
  readonly #spans = new Map<string, Span>();

  /** `now` is the wall's. */
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
    if (this.#spans.size >= MOST_SPANS) {
      for (const [other, { endsAt }] of this.#spans) if (endsAt <= now) this.#spans.delete(other);
      // Who invents subscriptions faster than spans end gets no memory for it.
      if (this.#spans.size >= MOST_SPANS) this.#spans.clear();
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
