/** Diagnostic settings of devices, keyed by their id in lower case, which begins with the device's. Written by `monitor/`. */
import type { JsonObject } from '#shared/json.ts';
import type { Source, Writer } from './database.ts';
import { lookUpList } from './look-up.ts';
import { isBelow } from './ranges.ts';
import type { Tables } from './tables.ts';

export interface DiagnosticSettingRow {
  readonly key: string;
  readonly id: string;
  readonly name: string;
  readonly properties: JsonObject;
}

/** All settings of the device with that key, in the order of their keys; five at most. */
export async function diagnosticSettingsOf(
  source: Source,
  device: string,
): Promise<readonly DiagnosticSettingRow[]> {
  return await lookUpList(source, `diagnostic settings ${device}`, async (reader) => {
    const rows = await reader
      .selectFrom('diagnostic_settings')
      .selectAll()
      .where((eb) => isBelow(eb, 'key', device))
      .orderBy('key')
      .execute();
    return rows.map(rowOf);
  });
}

/** Makes or replaces the setting; the id of the first writing stays. */
export async function putDiagnosticSetting(
  writer: Writer,
  { key, id, name, properties }: DiagnosticSettingRow,
): Promise<void> {
  const changing = { properties: JSON.stringify(properties) };
  await writer
    .insertInto('diagnostic_settings')
    .values({ key, id, name, ...changing })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(changing))
    .execute();
}

export async function removeDiagnosticSetting(writer: Writer, key: string): Promise<void> {
  await writer.deleteFrom('diagnostic_settings').where('key', '=', key).execute();
}

/** Removes the settings of what is gone, below `scope`. */
export async function removeDiagnosticSettingsBelow(writer: Writer, scope: string): Promise<void> {
  await writer
    .deleteFrom('diagnostic_settings')
    .where((eb) => isBelow(eb, 'key', scope))
    .execute();
}

const rowOf = (row: Tables['diagnostic_settings']): DiagnosticSettingRow => ({
  key: row.key,
  id: row.id,
  name: row.name,
  properties: JSON.parse(row.properties) as JsonObject,
});
