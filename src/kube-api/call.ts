/** One request on its way through the door: what it asks for, by whom, of which cluster. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LiveCluster } from '#fleet/clusters.ts';
import type { Caller } from '#kubernetes/api/caller.ts';
import type { FieldOwner } from '#kubernetes/change/managed-fields.ts';
import type { Kind } from '#kubernetes/kinds/kind.ts';
import {
  invalidObject,
  type FieldError,
  forbiddenField,
  invalid,
  required,
} from '#kubernetes/status.ts';
import type { ClusterTrust } from '#vault/cluster-authority.ts';
import type { Accepted } from './media.ts';
import type { FieldValidation } from './bodies.ts';

export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly cluster: LiveCluster;
  readonly trust: ClusterTrust;
  readonly caller: Caller;
  readonly accepted: Accepted;
}

/** A call about objects of a kind. */
export interface KindCall extends Call {
  readonly kind: Kind;
  /** Undefined: of all namespaces, or of none. */
  readonly namespace: string | undefined;
  readonly name: string;
  readonly subresource: string | undefined;
}

/** Whose fields a write makes: the `fieldManager`, or the first word of the user agent. */
export function ownerOf({ query, request, cluster }: Call): FieldOwner {
  const agent = request.headers['user-agent'] ?? '';
  const manager = query.get('fieldManager') ?? '';
  return {
    manager: manager === '' ? (agent.split('/')[0] ?? '').slice(0, 128) || 'unknown' : manager,
    at: cluster.plane.world.now,
  };
}

const VALIDATIONS = ['Ignore', 'Strict', 'Warn'];
const MAX_MANAGER = 128;

export interface WriteOptions {
  readonly isDryRun: boolean;
  readonly validation: FieldValidation;
}

/** `dryRun`, `fieldManager`, `force` and `fieldValidation` of a write; throws a 422. `of` says what kind of write it is. */
export function writeOptionsOf(
  { query }: Call,
  of: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'ApplyOptions' | 'DeleteOptions',
): WriteOptions {
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  const validation = query.get('fieldValidation') ?? '';
  const manager = query.get('fieldManager') ?? '';
  const errors: FieldError[] = [];
  if (dryRun.some((value) => value !== 'All')) {
    errors.push({
      field: 'dryRun',
      type: 'Unsupported value',
      shown: `[]string{${dryRun.map((value) => JSON.stringify(value)).join(', ')}}`,
      detail: 'supported values: "All"',
    });
  }
  if (of === 'ApplyOptions' && manager === '') {
    errors.push(required('fieldManager', 'is required for apply patch'));
  }
  if (of === 'PatchOptions' && query.has('force')) {
    errors.push(forbiddenField('force', 'may not be specified for non-apply patch'));
  }
  errors.push(...managerErrors(manager));
  if (validation !== '' && !VALIDATIONS.includes(validation)) {
    errors.push({
      field: 'fieldValidation',
      type: 'Unsupported value',
      shown: JSON.stringify(validation),
      detail: 'supported values: "", "Ignore", "Strict", "Warn"',
    });
  }
  // Messages know the options of a patch alone.
  const kind = of === 'ApplyOptions' ? 'PatchOptions' : of;
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind }, '', errors);
  return {
    isDryRun: dryRun.length > 0,
    validation: validation === '' ? 'Warn' : (validation as FieldValidation),
  };
}

function managerErrors(manager: string): FieldError[] {
  if (manager.length > MAX_MANAGER) {
    return [
      { field: 'fieldManager', type: 'Too long', detail: `may not be longer than ${MAX_MANAGER}` },
    ];
  }
  const signs = Array.from(manager);
  const at = signs.findIndex((sign) => sign !== ' ' && /[\p{C}\p{Z}]/u.test(sign));
  if (at === -1) return [];
  const shown = (signs[at]?.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return [invalid('fieldManager', manager, `invalid character U+${shown} (at position ${at})`)];
}
