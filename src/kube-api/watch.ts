/**
 * Watches: a stream of changes, one JSON text a line, from a revision on.
 * Sources: apiserver endpoints/handlers/watch.go, storage/cacher (kubernetes-api.md 1.3, kubernetes-facts.md 7.2).
 */
import { createHash } from 'node:crypto';
import type { Watcher } from '#fleet/clusters.ts';
import { selectorOf, revisionOf } from '#kubernetes/api/list.ts';
import type { ChangeEvent, Entry } from '#kubernetes/objects/entry.ts';
import type { Matches } from '#kubernetes/objects/selectors.ts';
import { badRequest, expired, type Status, tooLargeRevision } from '#kubernetes/status.ts';
import { partialOf, rowOf } from '#kubernetes/tables/table.ts';
import type { KindCall } from './call.ts';
import { columnsText, includedOf } from './present.ts';
import { selectedKind, shown, storedKind } from './shown.ts';
import type { StreamLimits } from './streams.ts';

/** What a slow client may leave unread before its watch is ended; it lists anew then. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;

type EventType = ChangeEvent['type'];

/** Texts of events as they are: made once for all watches. */
const plainTexts = new WeakMap<ChangeEvent, string>();

function plainText(event: ChangeEvent): string {
  const known = plainTexts.get(event);
  if (known !== undefined) return known;
  const text = `{"type":"${event.type}","object":${event.entry.json}}\n`;
  plainTexts.set(event, text);
  return text;
}

/** Texts of lists of events as they are: of those that all watches of a namespace are told. */
const listTexts = new WeakMap<readonly ChangeEvent[], Buffer>();

function listText(events: readonly ChangeEvent[]): Buffer {
  const known = listTexts.get(events);
  if (known !== undefined) return known;
  const bytes = Buffer.from(events.map(plainText).join(''));
  listTexts.set(events, bytes);
  return bytes;
}

/** Begins the stream; throws a refusal before anything is sent. */
export async function watch(call: KindCall, limits: StreamLimits): Promise<void> {
  const { cluster, kind, query, response, namespace } = call;
  const matches = selectorOf(selectedKind(kind), selectorsOf(call));
  const asked = query.get('resourceVersion') ?? '';
  const withInitial = query.get('sendInitialEvents') === 'true';
  const bookmarks = ['1', 'true'].includes(query.get('allowWatchBookmarks') ?? '');
  const from = asked === '' || asked === '0' ? undefined : revisionOf(asked);
  if (withInitial && query.get('resourceVersionMatch') !== 'NotOlderThan') {
    throw badRequest('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (from !== undefined && from > cluster.plane.revision) {
    throw tooLargeRevision(asked, cluster.plane.revision);
  }
  const isInitial = from === undefined || withInitial;
  const snapshot = isInitial
    ? await cluster.run(({ world }) => ({
        entries: world.store.list(storedKind(kind), namespace),
        revision: world.store.revision,
      }))
    : undefined;
  const writer = new StreamWriter(call, matches);
  response.writeHead(200, {
    'Cache-Control': 'no-cache, private',
    'Content-Type': 'application/json',
    'Transfer-Encoding': 'chunked',
  });
  response.flushHeaders();
  const start = snapshot?.revision ?? from ?? 0;
  if (start < cluster.watches.oldest) {
    const { status } = expired(`too old resource version: ${start} (${cluster.watches.oldest})`);
    writer.fail(status);
    return;
  }
  for (const entry of snapshot?.entries ?? []) writer.initial(entry);
  if (withInitial) writer.bookmark(start, { 'k8s.io/initial-events-end': 'true' });
  writer.flush();
  const watcher: Watcher = {
    kind: storedKind(kind),
    namespace,
    deliver: (events) => {
      writer.events(events);
      if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
    },
    end: () => response.end(),
  };
  const end = cluster.watches.begin(watcher, start);
  const stop = limits.open(call, () => {
    if (bookmarks) writer.bookmark(cluster.watches.tellAll(), undefined);
    writer.flush();
  });
  response.on('close', () => {
    end();
    stop();
  });
}

/** The selectors of a request; one that names a single object watches that one. */
export function selectorsOf({ query, name }: KindCall): {
  readonly labelSelector: string;
  readonly fieldSelector: string;
} {
  const fields = query.get('fieldSelector') ?? '';
  return {
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector:
      name === ''
        ? fields
        : [`metadata.name=${name}`, fields].filter((one) => one !== '').join(','),
  };
}

/** Collects the lines of one stream and writes them in one piece. */
class StreamWriter {
  readonly #call: KindCall;
  readonly #matches: Matches | undefined;
  #lines = '';
  #hasColumns = false;

  constructor(call: KindCall, matches: Matches | undefined) {
    this.#call = call;
    this.#matches = matches;
  }

  initial(entry: Entry): void {
    if (this.#matches?.(entry.object) === false) return;
    this.#lines += this.#isPlain
      ? `{"type":"ADDED","object":${entry.json}}\n`
      : this.#line('ADDED', entry);
  }

  /** Writes what has changed. */
  events(events: readonly ChangeEvent[]): void {
    if (this.#lines === '' && this.#isPlain && this.#matches === undefined) {
      this.#call.response.write(listText(events));
      return;
    }
    for (const event of events) this.#event(event);
    this.flush();
  }

  #event(event: ChangeEvent): void {
    const type = this.#typeOf(event);
    if (type === undefined) return;
    this.#lines +=
      this.#isPlain && type === event.type ? plainText(event) : this.#line(type, event.entry);
  }

  bookmark(revision: number, annotations: Readonly<Record<string, string>> | undefined): void {
    const { kind, accepted } = this.#call;
    const metadata = {
      resourceVersion: String(revision),
      creationTimestamp: null,
      ...(annotations === undefined ? {} : { annotations }),
    };
    const object =
      accepted.as === 'table'
        ? {
            kind: 'Table',
            apiVersion: `meta.k8s.io/${accepted.version}`,
            metadata: { resourceVersion: String(revision) },
            columnDefinitions: null,
            rows: [
              {
                cells: [],
                object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
              },
            ],
          }
        : { kind: kind.kind, apiVersion: kind.apiVersion, metadata };
    this.#lines += `${JSON.stringify({ type: 'BOOKMARK', object })}\n`;
  }

  /** Tells why there is nothing to watch, and ends the stream. */
  fail(status: Status): void {
    this.#call.response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
  }

  flush(): void {
    if (this.#lines === '') return;
    this.#call.response.write(this.#lines);
    this.#lines = '';
  }

  get #isPlain(): boolean {
    return this.#call.accepted.as === 'object' && this.#call.kind.view === undefined;
  }

  /** What the change is for who sees only what is selected; undefined: nothing. */
  #typeOf({ type, entry, previous }: ChangeEvent): EventType | undefined {
    if (this.#matches === undefined) return type;
    const isIn = type !== 'DELETED' && this.#matches(entry.object);
    const wasIn = previous !== undefined && this.#matches(previous.object);
    if (isIn) return wasIn ? 'MODIFIED' : 'ADDED';
    return wasIn ? 'DELETED' : undefined;
  }

  #line(type: EventType, entry: Entry): string {
    return `{"type":"${type}","object":${this.#shown(entry)}}\n`;
  }

  #shown(entry: Entry): string {
    const { accepted, kind, cluster } = this.#call;
    const { world } = cluster.plane;
    const view = shown(kind, entry, world);
    if (accepted.as === 'object') return view.json;
    if (accepted.as !== 'table') return partialOf(view.object);
    const at = { now: world.now, included: includedOf(this.#call) };
    const row = rowOf(kind, { cells: entry.object, ...view }, at);
    const columns = this.#hasColumns ? 'null' : columnsText(kind);
    this.#hasColumns = true;
    return `{"kind":"Table","apiVersion":"meta.k8s.io/${accepted.version}","metadata":{"resourceVersion":"${entry.revision}"},"columnDefinitions":${columns},"rows":[${row}]}`;
  }
}

/** A short name of a text's content, for entity tags. */
export const digestOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 32).toUpperCase();
