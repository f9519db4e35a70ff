/**
 * Open streams: how many there may be, their bookmarks once a minute and their ends, in real time, as clients measure both.
 */
import type { LiveCluster } from '#fleet/clusters.ts';
import { StatusError } from '#kubernetes/status.ts';
import { type Instant, seconds, plus, wallNow } from '#shared/instant.ts';
import type { Call } from './call.ts';

/** Streams that one cluster serves at once. */
const MAX_STREAMS = 1000;
const BOOKMARK_EVERY = seconds(60);
/** As the real server's lower bound (min-request-timeout). */
const DEFAULT_SECONDS = 1800;

interface Stream {
  readonly call: Call;
  readonly endsAt: Instant;
  bookmarkAt: Instant;
  readonly bookmark: () => void;
}

export const tooMany = (): StatusError =>
  new StatusError(429, 'TooManyRequests', {
    message: 'the server has received too many requests and has asked us to try again later',
    details: { retryAfterSeconds: 1 },
  });

export class StreamLimits {
  readonly #streams = new Set<Stream>();
  readonly #counts = new WeakMap<LiveCluster, number>();

  /** Refuses what would be one stream too many. */
  check({ cluster }: Call): void {
    if ((this.#counts.get(cluster) ?? 0) < MAX_STREAMS) return;
    throw tooMany();
  }

  /** Takes a stream in; gives what takes it out again. */
  open(call: Call, bookmark: () => void): () => void {
    const asked = Number(call.query.get('timeoutSeconds') ?? '');
    const length = Number.isInteger(asked) && asked > 0 ? asked : DEFAULT_SECONDS;
    const now = wallNow();
    const stream = {
      call,
      bookmark,
      endsAt: plus(now, seconds(length)),
      bookmarkAt: plus(now, BOOKMARK_EVERY),
    };
    this.#streams.add(stream);
    this.#counts.set(call.cluster, (this.#counts.get(call.cluster) ?? 0) + 1);
    return () => {
      if (!this.#streams.delete(stream)) return;
      this.#counts.set(call.cluster, (this.#counts.get(call.cluster) ?? 1) - 1);
    };
  }

  /** Sends bookmarks that are due, and ends streams whose time is over. Called once a second. */
  tick(): void {
    const now = wallNow();
    for (const stream of this.#streams) {
      if (stream.endsAt <= now) {
        stream.bookmark();
        stream.call.response.end();
      } else if (stream.bookmarkAt <= now) {
        stream.bookmarkAt = plus(now, BOOKMARK_EVERY);
        stream.bookmark();
      }
    }
  }

  /** Ends every stream: the service closes. */
  close(): void {
    for (const { call } of this.#streams) call.response.end();
    this.#streams.clear();
  }
}
