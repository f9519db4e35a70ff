/**
 * Lists: selectors, pages and the rules of `resourceVersion`.
 * Sources: apiserver storage/etcd3, apis/meta/internalversion/validation (kubernetes-facts.md 7.2).
 */
import { assert } from '#shared/assert.ts';
import type { Kind } from '../kinds/kind.ts';
import type { Entry } from '../objects/entry.ts';
import { fieldSelector, labelSelector, type Matches } from '../objects/selectors.ts';
import {
  badRequest,
  expired,
  type FieldError,
  forbiddenField,
  invalidObject,
  StatusError,
  tooLargeRevision,
} from '../status.ts';
import type { World } from '../world.ts';

export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
}

export interface Listed {
  readonly entries: readonly Entry[];
  readonly revision: number;
  /** The token of the next page. */
  readonly continue?: string;
  readonly remaining?: number;
}

/** Lists that pages go on from: the newest ones, since the objects of older revisions are not kept. */
const MAX_SNAPSHOTS = 32;

interface Snapshot {
  readonly entries: readonly Entry[];
  readonly revision: number;
}

/** The list versions of a cluster that its pages refer to. */
export class Lists {
  readonly #snapshots = new Map<string, Snapshot>();

  /** One page of objects. `namespace` undefined: of all namespaces. */
  list(
    world: World,
    { kind, namespace }: { readonly kind: Kind; readonly namespace: string | undefined },
    options: ListOptions,
  ): Listed {
    checkOptions(options);
    const matches = selectorOf(kind, options);
    const token =
      options.continue === undefined || options.continue === ''
        ? undefined
        : readToken(options.continue);
    const place = `${kind.key} ${namespace ?? '*'}`;
    checkRevision(world, options);
    const { entries, revision } =
      token === undefined
        ? { entries: world.store.list(kind, namespace), revision: world.store.revision }
        : this.#snapshot(world, { place, token, kind, namespace });
    const from = token === undefined ? entries : entries.filter((entry) => entry.key > token.start);
    const selected = matches === undefined ? from : from.filter(({ object }) => matches(object));
    const limit = isFromCache(options) ? 0 : (options.limit ?? 0);
    if (limit <= 0 || selected.length <= limit) return { entries: selected, revision };
    const page = selected.slice(0, limit);
    const last = page.at(-1);
    assert(last !== undefined, 'a page that goes on has a last entry');
    this.#keep(`${place} ${revision}`, { entries, revision });
    return {
      entries: page,
      revision,
      continue: writeToken({ revision, start: last.key }),
      ...(matches === undefined ? { remaining: selected.length - limit } : {}),
    };
  }

  #keep(key: string, snapshot: Snapshot): void {
    this.#snapshots.delete(key);
    this.#snapshots.set(key, snapshot);
    for (const oldest of this.#snapshots.keys()) {
      if (this.#snapshots.size <= MAX_SNAPSHOTS) break;
      this.#snapshots.delete(oldest);
    }
  }

  #snapshot(
    world: World,
    asked: {
      readonly place: string;
      readonly token: Token;
      readonly kind: Kind;
      readonly namespace: string | undefined;
    },
  ): Snapshot {
    const { place, token, kind, namespace } = asked;
    // A token that goes on from no revision was given with a 410: it is about what there is now.
    if (token.revision === -1) {
      return { entries: world.store.list(kind, namespace), revision: world.store.revision };
    }
    const kept = this.#snapshots.get(`${place} ${token.revision}`);
    if (kept !== undefined) return kept;
    const refusal = expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    );
    const again = writeToken({ revision: -1, start: token.start });
    Object.assign(refusal.status, { metadata: { continue: again } });
    throw refusal;
  }
}

/** Resource version 0 is served from the cache, which knows no limit. */
const isFromCache = ({ resourceVersion, resourceVersionMatch }: ListOptions): boolean =>
  resourceVersion === '0' && resourceVersionMatch !== 'Exact';

/** What label and field selectors of a request select; undefined for all. */
export function selectorOf(
  kind: Kind,
  options: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>,
): Matches | undefined {
  const byLabels = labelSelector(options.labelSelector ?? '');
  const byFields = fieldSelector(kind, options.fieldSelector ?? '');
  if (byLabels === undefined || byFields === undefined) return byLabels ?? byFields;
  return (object) => byLabels(object) && byFields(object);
}

function checkOptions(options: ListOptions): void {
  const { resourceVersion = '', resourceVersionMatch = '', continue: token = '' } = options;
  const errors: FieldError[] = [];
  if (resourceVersionMatch !== '') {
    if (resourceVersion === '') {
      errors.push(
        forbiddenField(
          'resourceVersionMatch',
          'resourceVersionMatch is forbidden unless resourceVersion is provided',
        ),
      );
    }
    if (token !== '') {
      errors.push(
        forbiddenField(
          'resourceVersionMatch',
          'resourceVersionMatch is forbidden when continue is provided',
        ),
      );
    }
    if (!['Exact', 'NotOlderThan'].includes(resourceVersionMatch)) {
      errors.push({
        field: 'resourceVersionMatch',
        type: 'Unsupported value',
        shown: JSON.stringify(resourceVersionMatch),
        detail: 'supported values: "Exact", "NotOlderThan", ""',
      });
    }
    if (resourceVersionMatch === 'Exact' && resourceVersion === '0') {
      errors.push(
        forbiddenField(
          'resourceVersionMatch',
          'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
        ),
      );
    }
  }
  if (errors.length > 0) {
    throw invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  }
  if (token !== '' && resourceVersion !== '' && resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
}

/** Reads a revision of a request; throws a 400. */
export function revisionOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) {
    throw badRequest(
      `invalid resource version: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  return Number(text);
}

function checkRevision({ store }: World, options: ListOptions): void {
  const { resourceVersion = '', resourceVersionMatch } = options;
  if (resourceVersion === '' || resourceVersion === '0') return;
  const asked = revisionOf(resourceVersion);
  if (asked > store.revision) throw tooLargeRevision(resourceVersion, store.revision);
  if (resourceVersionMatch === 'Exact' && asked < store.revision) {
    throw expired('The resourceVersion for the provided list is too old.');
  }
}

interface Token {
  readonly revision: number;
  /** Namespace and name of the last object of the page before. */
  readonly start: string;
}

const writeToken = ({ revision, start }: Token): string =>
  btoa(
    String.fromCharCode(
      ...new TextEncoder().encode(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start })),
    ),
  )
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

function readToken(text: string): Token {
  try {
    const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    const json = new TextDecoder().decode(Uint8Array.from(bytes, (sign) => sign.charCodeAt(0)));
    const { rv, start } = JSON.parse(json) as { rv?: unknown; start?: unknown };
    if (typeof rv === 'number' && typeof start === 'string') return { revision: rv, start };
  } catch {
    // Refused below, as any other token that is none.
  }
  throw new StatusError(400, 'BadRequest', {
    message: 'invalid continue token: continue key is not valid: illegal base64 data',
  });
}
