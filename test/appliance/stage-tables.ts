/** Finds every stage table of the machine: all exports of `src/appliance/` that have the form of one. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { updateInstallation } from '#appliance/update-packages.ts';
import { isJsonObject } from '#shared/json.ts';
import type { Stage } from '#shared/stages.ts';

const isTable = (value: unknown): value is readonly Stage[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((stage) => isJsonObject(stage) && 'lasts' in stage && 'name' in stage);

/** All stage tables by name. Those of update installations are made by a function and included in all variants. */
export async function stageTables(): Promise<ReadonlyMap<string, readonly Stage[]>> {
  const folder = join(import.meta.dirname, '../../src/appliance');
  const tables = new Map<string, readonly Stage[]>();
  for (const file of globSync('*.ts', { cwd: folder }).sort()) {
    const exported = (await import(join(folder, file))) as Readonly<Record<string, unknown>>;
    for (const [name, value] of Object.entries(exported)) {
      if (isTable(value)) tables.set(name, value);
    }
  }
  for (const nodeCount of [1, 2] as const) {
    for (const hasCluster of [false, true]) {
      const name = `updateInstallation(${nodeCount}, ${hasCluster})`;
      tables.set(name, updateInstallation(nodeCount, hasCluster));
    }
  }
  return tables;
}
