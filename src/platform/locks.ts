/**
 * Management locks: `{scope}/providers/Microsoft.Authorization/locks/{name}`, and the hook that enforces them.
 * CanNotDelete refuses deletions, ReadOnly every write and every POST, at the lock's scope and below it. Scopes above a
 * locked one cannot be deleted either (arm-protocol §6.4).
 */
import { errors } from '#arm/errors.ts';
import type { Answer } from '#arm/polling.ts';
import type { Hook, Provider } from '#arm/provider.ts';
import type { Fault } from '#shared/failure.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import type { Database } from '#store/database.ts';
import {
  findLock,
  type LockLevel,
  type LockRow,
  locksOf,
  putLock,
  removeLock,
} from '#store/locks.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import { checkScope, isAtOrBelow, SCOPE_PATHS, scopeIn } from '#arm/scopes.ts';
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

async function checkLocks(
  database: Database,
  write: { readonly subscriptionId: string; readonly path: string; readonly isDelete: boolean },
): Promise<void> {
  const { path, isDelete } = write;
  const locks = await locksOf(database, write.subscriptionId);
  const key = path.toLowerCase();
  const locked = locks.filter((lock) => {
    if (isDelete) return isAtOrBelow(key, lock.scope) || isAtOrBelow(lock.scope, key);
    return lock.level === 'ReadOnly' && isAtOrBelow(key, lock.scope);
  });
  if (locked.length === 0) return;
  const scopes = locked.map((lock) => lock.id.slice(0, lock.scope.length));
  throw errors.scopeLocked(path, isDelete ? 'delete' : 'write', scopes);
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
        carryOut: async (call) => await listLocks(database, call),
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

async function listLocks(database: Database, call: PlatformCall): Promise<Answer> {
  const scope = scopeIn(`${call.path}/x`, NAMESPACE).toLowerCase();
  const locks = await locksOf(database, call.subscriptionId);
  const value = locks.filter((lock) => isAtOrBelow(lock.scope, scope)).map(viewOf);
  return { status: 200, body: { value } };
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
