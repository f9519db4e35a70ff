/**
 * Management locks: `{scope}/providers/Microsoft.Authorization/locks/{name}`, and the hook that enforces them.
 * CanNotDelete refuses deletions, ReadOnly every write and every POST, at the lock's scope and below it. Scopes above a
 * locked one cannot be deleted either (arm-protocol §6.4).
 */
import { errors } from '#arm/errors.ts';
import { filterValues } from '#arm/filter-clauses.ts';
import { cutToPage, pageOf } from '#arm/paging.ts';
import type { Answer } from '#arm/polling.ts';
import type { Hook, Provider } from '#arm/provider.ts';
import { scopesAbove } from '#shared/arm-id.ts';
import type { Fault } from '#shared/failure.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import type { Database } from '#store/database.ts';
import {
  findLock,
  hasLocks,
  listLocks,
  type LockLevel,
  type LockRow,
  putLock,
  removeLock,
} from '#store/locks.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import { checkScope, SCOPE_PATHS, scopeIn } from '#arm/scopes.ts';
import { writeConsistently } from '#store/read-set.ts';

const TYPE = 'Microsoft.Authorization/locks';
const NAMESPACE = 'Microsoft.Authorization';
const LEVELS: readonly string[] = ['CanNotDelete', 'ReadOnly'];

/** Refuses what a lock forbids, before the body is read. */
export function lockHook(database: Database): Hook {
  return ({ method, path, subscriptionId, type }) => {
    const isWrite = method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
    if (!isWrite || subscriptionId === undefined || type === TYPE) return undefined;
    return checkLocks(database, { subscriptionId, path, isDelete: method === 'DELETE' });
  };
}

/** A refusal names so many scopes at most `[ours]`. */
const MAX_NAMED = 20;

async function checkLocks(
  database: Database,
  write: { readonly subscriptionId: string; readonly path: string; readonly isDelete: boolean },
): Promise<void> {
  const { subscriptionId, path, isDelete } = write;
  if (!(await hasLocks(database, subscriptionId))) return;
  const key = path.toLowerCase();
  const above = scopesAbove(key);
  // What lies below is in the way of a deletion only; a lock against deletions, of nothing else.
  const scopes = isDelete ? { at: above.slice(0, -1), within: key } : { at: above };
  const locked = await listLocks(database, scopes, { isReadOnly: !isDelete, limit: MAX_NAMED });
  if (locked.length === 0) return;
  const named = new Set(locked.map((lock) => lock.id.slice(0, lock.scope.length)));
  throw errors.scopeLocked(path, isDelete ? 'delete' : 'write', [...named]);
}

/** PUT, GET, DELETE and list, at every scope. */
export function lockRoutes({ database }: Provider): PlatformRoute[] {
  return SCOPE_PATHS.flatMap((scope): PlatformRoute[] => {
    const list = `${scope}/providers/${TYPE}`;
    const one = { type: TYPE, path: `${list}/:lockName` } as const;
    return [
      {
        type: TYPE,
        path: list,
        method: 'GET',
        permission: 'read',
        summary: 'Lists the locks at a scope and below it.',
        carryOut: async (call) => await lockPage(database, call),
      },
      {
        ...one,
        method: 'PUT',
        permission: 'write',
        summary: 'Creates or replaces a lock.',
        carryOut: async (call) => await createLock(database, call),
      },
      {
        ...one,
        method: 'GET',
        permission: 'read',
        summary: 'Shows a lock.',
        carryOut: async (call) => {
          const lock = await findLock(database, call.path.toLowerCase());
          if (lock === undefined) throw lockNotFound(call);
          return { status: 200, body: viewOf(lock) };
        },
      },
      {
        ...one,
        method: 'DELETE',
        permission: 'delete',
        summary: 'Deletes a lock.',
        carryOut: async (call) => {
          const key = call.path.toLowerCase();
          const lock = await findLock(database, key);
          if (lock === undefined) return { status: 204 };
          await writeConsistently(database, async (writer) => removeLock(writer, key));
          return { status: 200 };
        },
      },
    ];
  });
}

const lockNotFound = ({ parameters }: PlatformCall) =>
  errors.refused(
    {
      code: 'LockNotFound',
      message: `The lock '${parameters.lockName ?? ''}' could not be found.`,
    },
    404,
  );

/** The locks at the scope and below it; with `atScope()` those at the scope and above it, which hold there. */
async function lockPage(database: Database, call: PlatformCall): Promise<Answer> {
  const scope = scopeIn(`${call.path}/x`, NAMESPACE).toLowerCase();
  const filter = filterValues(call.query.$filter, { functions: ['atscope'] });
  const scopes = filter.atscope === undefined ? { within: scope } : { at: scopesAbove(scope) };
  const { limit, ...from } = pageOf(call.query);
  const locks = await listLocks(database, scopes, { ...from, limit: limit + 1 });
  const { shown, next } = cutToPage(locks, { limit, url: call.url }, ({ key }) => key);
  return { status: 200, body: { value: shown.map(viewOf), ...next } };
}

async function createLock(database: Database, call: PlatformCall): Promise<Answer> {
  const scope = scopeIn(call.path, NAMESPACE);
  await checkScope(database, scope);
  const content = readLock(call.body);
  const key = call.path.toLowerCase();
  const old = await findLock(database, key);
  const lock: LockRow = {
    key,
    id: old?.id ?? call.path,
    name: old?.name ?? call.parameters.lockName ?? '',
    scope: scope.toLowerCase(),
    subscriptionId: call.subscriptionId,
    ...content,
  };
  await writeConsistently(database, async (writer) => putLock(writer, lock));
  return { status: old === undefined ? 201 : 200, body: viewOf(lock) };
}

function readLock(body: Json | undefined): Pick<LockRow, 'level' | 'notes'> {
  const properties = isJsonObject(body) ? body.properties : undefined;
  const { level, notes } = isJsonObject(properties) ? properties : ({} as JsonObject);
  const faults: Fault[] = [];
  const known = LEVELS.find(
    (name) => typeof level === 'string' && name.toLowerCase() === level.toLowerCase(),
  );
  if (known === undefined) {
    const message = `The value of 'properties.level' must be one of: ${LEVELS.join(', ')}.`;
    faults.push({ target: 'properties.level', message });
  }
  if (notes !== undefined && notes !== null && (typeof notes !== 'string' || notes.length > 512)) {
    const message = "The value of 'properties.notes' must be a string of at most 512 characters.";
    faults.push({ target: 'properties.notes', message });
  }
  if (faults.length > 0) throw errors.invalidContent(faults);
  return { level: known as LockLevel, notes: typeof notes === 'string' ? notes : undefined };
}

function viewOf(lock: LockRow): JsonObject {
  return {
    properties: {
      level: lock.level,
      ...(lock.notes === undefined ? {} : { notes: lock.notes }),
    },
    id: lock.id,
    type: TYPE,
    name: lock.name,
  };
}
