/**
 * The observed state of every appliance that has been asked to do something: JSON, with a version that grows by one a save;
 * and how the commands came out that it has carried out. Written by `fleet/` alone. An appliance without a row is as the factory
 * made it.
 *
 * The version is the fencing number of the machine's writers: a save is a condition on it, so that a process that was paused
 * while another one went on writes nothing (docs/decisions/0012).
 */
import { randomInt } from 'node:crypto';
import { type Failure, readFailure } from '#shared/failure.ts';
import { instant, type Instant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { Database, type Reader, type Source, type Writer } from './database.ts';
import { expiryOf } from './expiry.ts';
import { removeFaultsOf } from './faults.ts';
import { lookUpMany } from './look-up.ts';
import { inParts } from './ranges.ts';
import { send } from './sending.ts';
import { signalsOf } from './signals.ts';
import { statement } from './statement.ts';
import { wakeWaiting } from './timers.ts';

export interface ApplianceRow {
  /** ARM id of the device it belongs to, as written. */
  readonly resourceId: string;
  readonly state: string;
  readonly version: number;
}

/** How a command came out. */
export interface ApplianceTaskRow {
  /** The command's id. */
  readonly id: string;
  readonly endedAt: Instant;
  /** Why it failed; absent: it succeeded. */
  readonly failure?: Failure;
}

const cacheKey = (id: string): string => `appliance ${id}`;

/** Names one command of one machine. */
export interface TaskName {
  /** The appliance's id. */
  readonly appliance: string;
  /** The command's id; the same may have been put to other machines. */
  readonly id: string;
}

/** What a timer waits for that shall be due when a command has ended. */
export const taskEnd = ({ appliance, id }: TaskName): string => `task/${appliance}/${id}`;

const selectAppliance = statement((on, { id }: { id: string }) =>
  on.selectFrom('appliances').select(['resource_id', 'state', 'version']).where('id', '=', id),
);

const selectVersion = statement((on, { id }: { id: string }) =>
  on.selectFrom('appliances').select('version').where('id', '=', id),
);

const updateAppliance = statement(
  (on, row: { id: string; state: string; version: number; from: number }) =>
    on
      .updateTable('appliances')
      .set({ state: row.state, version: row.version })
      .where('id', '=', row.id)
      .where('version', '=', row.from),
);

const selectTask = statement((on, { appliance, id }: TaskName) =>
  on
    .selectFrom('appliance_tasks')
    .selectAll()
    .where('appliance', '=', appliance)
    .where('id', '=', id),
);

export async function findAppliance(source: Source, id: string): Promise<ApplianceRow | undefined> {
  const reader: Reader = source instanceof Database ? source.reader : source;
  const { rows } = await selectAppliance(reader, { id });
  const [row] = rows;
  return row && { resourceId: row.resource_id, state: row.state, version: row.version };
}

/** The version alone: enough to know whether a kept copy is still the newest. 0 where there is no row. */
export async function applianceVersion(source: Source, id: string): Promise<number> {
  const load = async (reader: Reader): Promise<number> => {
    const { rows } = await selectVersion(reader, { id });
    return rows[0]?.version ?? 0;
  };
  return source instanceof Database ? await source.cached(cacheKey(id), load) : await load(source);
}

/** As `applianceVersion`, of several machines, by their ids: one query reads those that are not cached. 0 where there is no row. */
export async function applianceVersions(
  source: Source,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const byCacheKey = new Map(ids.map((id) => [cacheKey(id), id]));
  const found = await lookUpMany(source, [...byCacheKey.keys()], async (reader, missing) => {
    const versions = new Map(missing.map((key) => [key, 0]));
    for (const part of inParts(missing.map((key) => byCacheKey.get(key) ?? ''))) {
      const rows = await reader
        .selectFrom('appliances')
        .select(['id', 'version'])
        .where('id', 'in', part)
        .execute();
      for (const { id, version } of rows) versions.set(cacheKey(id), version);
    }
    return versions;
  });
  return new Map(ids.map((id) => [id, found.get(cacheKey(id)) ?? 0]));
}

/** The rows of several machines by their ids, read with one query. */
export async function findAppliances(
  reader: Reader,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ApplianceRow>> {
  const found = new Map<string, ApplianceRow>();
  for (const part of inParts(ids)) {
    const rows = await reader
      .selectFrom('appliances')
      .selectAll()
      .where('id', 'in', part)
      .execute();
    for (const { id, resource_id: resourceId, state, version } of rows) {
      found.set(id, { resourceId, state, version });
    }
  }
  return found;
}

/** As `applianceVersion`, at once; undefined where it would have to be read. */
export const knownApplianceVersion = (database: Database, id: string): number | undefined =>
  database.peek(cacheKey(id)) as number | undefined;

/** The first version of a row is drawn from so many; the column holds twice as many. */
const FIRST_VERSIONS = 2 ** 30;

/**
 * Saves what was made from `fromVersion` (0 = no row yet), and gives the version that it has now. Undefined when another writer
 * was quicker: nothing is written then, and the caller begins again from the newer state.
 *
 * The first version is drawn: after a reset of the world the same machine may come into being again, and another process that
 * still has a state of the former one must not take it for the new one's.
 */
export async function saveAppliance(
  writer: Writer,
  appliance: { readonly id: string; readonly resourceId: string; readonly state: string },
  fromVersion: number,
): Promise<number | undefined> {
  const { id, resourceId, state } = appliance;
  signalsOf(writer).touch(cacheKey(id));
  if (fromVersion === 0) {
    const version = randomInt(1, FIRST_VERSIONS);
    const inserted = await writer
      .insertInto('appliances')
      .values({ id, resource_id: resourceId, state, version })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst();
    return inserted.numInsertedOrUpdatedRows === 1n ? version : undefined;
  }
  const version = fromVersion + 1;
  const updated = await updateAppliance(writer, { id, state, version, from: fromVersion });
  return updated.numAffectedRows === 1n ? version : undefined;
}

export async function removeAppliance(writer: Writer, id: string): Promise<void> {
  await writer.deleteFrom('appliances').where('id', '=', id).execute();
  await writer.deleteFrom('appliance_tasks').where('appliance', '=', id).execute();
  await removeApplianceJobs(writer, id);
  await removeFaultsOf(writer, id);
  signalsOf(writer).touch(cacheKey(id));
}

/** How a command came out that has ended; undefined: it runs, or was never asked. */
export async function findApplianceTask(
  reader: Reader,
  name: TaskName,
): Promise<ApplianceTaskRow | undefined> {
  const { rows } = await selectTask(reader, name);
  const [row] = rows;
  return (
    row && {
      id: row.id,
      endedAt: instant(Number(row.ended_at)),
      ...(row.failure === null ? {} : { failure: readFailure(row.failure) }),
    }
  );
}

/** Keeps how commands came out, and wakes what waits for them. */
export async function addApplianceTasks(
  writer: Writer,
  appliance: string,
  { tasks, now }: { readonly tasks: readonly ApplianceTaskRow[]; readonly now: Instant },
): Promise<void> {
  if (tasks.length === 0) return;
  const query = writer
    .insertInto('appliance_tasks')
    .values(
      tasks.map(({ id, endedAt, failure }) => ({
        id,
        appliance,
        ended_at: endedAt,
        expires_at: expiryOf(endedAt),
        failure: failure === undefined ? null : JSON.stringify(failure),
      })),
    )
    .onConflict((conflict) => conflict.columns(['appliance', 'id']).doNothing());
  await send(writer, query.compile());
  await wakeWaiting(
    writer,
    tasks.map(({ id }) => taskEnd({ appliance, id })),
    now,
  );
}

/** A job of a machine that has ended, as it is seen from then on. */
export interface ApplianceJobRow {
  readonly name: string;
  readonly endedAt: Instant;
  readonly job: JsonObject;
}

/** The ended job of that name; undefined: it runs, or there is none. */
export async function findApplianceJob(
  reader: Reader,
  appliance: string,
  name: string,
): Promise<JsonObject | undefined> {
  const row = await reader
    .selectFrom('appliance_jobs')
    .select('job')
    .where('appliance', '=', appliance)
    .where('name', '=', name)
    .executeTakeFirst();
  return row === undefined ? undefined : (JSON.parse(row.job) as JsonObject);
}

export async function addApplianceJobs(
  writer: Writer,
  appliance: string,
  jobs: readonly ApplianceJobRow[],
): Promise<void> {
  if (jobs.length === 0) return;
  await writer
    .insertInto('appliance_jobs')
    .values(
      jobs.map(({ name, endedAt, job }) => ({
        appliance,
        name,
        ended_at: endedAt,
        expires_at: expiryOf(endedAt),
        job: JSON.stringify(job),
      })),
    )
    .onConflict((conflict) => conflict.columns(['appliance', 'name']).doNothing())
    .execute();
}

/** Removes all ended jobs of a machine that was wiped. */
export async function removeApplianceJobs(writer: Writer, appliance: string): Promise<void> {
  await writer.deleteFrom('appliance_jobs').where('appliance', '=', appliance).execute();
}
