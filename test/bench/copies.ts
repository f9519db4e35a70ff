/**
 * Fills a world with many devices in seconds: the rows of a device that was made over HTTP are copied, each copy with a name and ids of
 * its own. The service must not run meanwhile. Secrets are not copied: they are bound to the device that they were sealed for.
 */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { deviceName } from './world.ts';

/** Tables that hold what belongs to a device. */
const TABLES = [
  ...['resources', 'appliances', 'timers', 'operations', 'waits', 'journal'],
  ...['appliance_tasks', 'appliance_jobs'],
];
/** Numbered by the database itself. */
const NUMBERED = new Set(['sequence']);
const ROWS_AT_ONCE = 1000;

/** A device that was made over HTTP. */
export interface Template {
  readonly group: string;
  readonly device: string;
}

export interface Copies {
  /** The data folder of the world. */
  readonly folder: string;
  /** The group that the copies are in; it exists. */
  readonly group: string;
  readonly count: number;
  /** Which device each copy is made from, by its number. */
  readonly templateOf: (index: number) => Template;
}

type Row = Record<string, string | number | null>;

/** A template as it is stored. */
interface Stored {
  readonly rows: readonly (readonly [table: string, rows: readonly Row[]])[];
  /** Whatever is another in each copy: incarnations, ids of operations. */
  readonly ids: readonly string[];
}

/** Makes the copies; they are named as `world.ts` names devices. */
export function copyDevices({ folder, group, count, templateOf }: Copies): void {
  const database = new Database(join(folder, 'edgetwin.sqlite'));
  try {
    database.pragma('synchronous = off');
    const stored = new Map<string, Stored>();
    const insert = inserter(database);
    for (let first = 0; first < count; first += ROWS_AT_ONCE) {
      database.transaction(() => {
        for (let index = first; index < Math.min(count, first + ROWS_AT_ONCE); index++) {
          const template = templateOf(index);
          const key = `${template.group}/${template.device}`;
          const from = stored.get(key) ?? storedOf(database, template);
          stored.set(key, from);
          const renamed = renamer(template, from, { group, index });
          for (const [table, rows] of from.rows) {
            for (const row of rows) insert(table, renamed(row));
          }
        }
      })();
    }
  } finally {
    database.close();
  }
}

/** All rows that name the device, its incarnation or one of its operations. */
function storedOf(database: Database.Database, { group, device }: Template): Stored {
  const all = new Map(
    TABLES.map((table) => [table, database.prepare(`select * from ${table}`).all() as Row[]]),
  );
  const path = `/resourcegroups/${group}/`.toLowerCase();
  const names = new RegExp(`\\b${device}\\b`, 'i');
  const ids = new Set<string>();
  const isOf = (row: Row): boolean =>
    Object.values(row).some(
      (value) =>
        typeof value === 'string' &&
        ((value.toLowerCase().includes(path) && names.test(value)) ||
          [...ids].some((id) => value.includes(id))),
    );
  for (const row of all.get('resources') ?? []) if (isOf(row)) ids.add(String(row.incarnation));
  for (const row of all.get('operations') ?? []) if (isOf(row)) ids.add(String(row.id));
  return {
    rows: [...all].map(([table, rows]) => [table, rows.filter(isOf)] as const),
    ids: [...ids],
  };
}

function renamer(
  { group, device }: Template,
  { ids }: Stored,
  to: { readonly group: string; readonly index: number },
): (row: Row) => Row {
  const number = to.index.toString(16).padStart(8, '0');
  const texts: (readonly [RegExp, string])[] = [
    [new RegExp(`(/resourcegroups/)${group}(?=/)`, 'gi'), `$1${to.group}`],
    [new RegExp(`"${group}"`, 'g'), `"${to.group}"`],
    [new RegExp(`\\b${device}\\b`, 'g'), deviceName(to.index)],
    [new RegExp(`\\barc-${device}\\b`, 'g'), `arc-${deviceName(to.index)}`],
    ...ids.map((id) => [new RegExp(id, 'g'), number + id.slice(8)] as const),
  ];
  const renamed = (text: string): string =>
    texts.reduce((changed, [from, into]) => changed.replace(from, into), text);
  return (row) =>
    Object.fromEntries(
      Object.entries(row).map(([column, value]) => {
        if (typeof value !== 'string') return [column, value];
        return [
          column,
          column === 'resource_group' ? renamedGroup(value, group, to) : renamed(value),
        ];
      }),
    );
}

/** The key of a group ends with its name. */
const renamedGroup = (key: string, group: string, to: { readonly group: string }): string =>
  key.endsWith(`/${group}`) ? key.slice(0, -group.length) + to.group : key;

/** One prepared statement a table. */
function inserter(database: Database.Database): (table: string, row: Row) => void {
  const statements = new Map<string, Database.Statement>();
  return (table, row) => {
    const columns = Object.keys(row).filter((column) => !NUMBERED.has(column));
    let statement = statements.get(table);
    if (statement === undefined) {
      const values = columns.map(() => '?').join(', ');
      statement = database.prepare(
        `insert into ${table} (${columns.map((column) => `"${column}"`).join(', ')}) values (${values})`,
      );
      statements.set(table, statement);
    }
    statement.run(columns.map((column) => row[column] ?? null));
  };
}
