/**
 * Writes `openapi/{version}.json` for every kept api-version, from the resource types: the diff of these files is the
 * review of a change of the API. With `--check` it writes nothing and fails where a file is not what it would write.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentOf } from '#arm/document.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { definitions } from '#resources/index.ts';

const FOLDER = join(import.meta.dirname, '../openapi');
const isCheck = process.argv.includes('--check');

const stale: string[] = [];
const files = new Set<string>();
for (const version of DATA_BOX_EDGE_VERSIONS.versions) {
  const file = `${version}.json`;
  const path = join(FOLDER, file);
  const text = `${JSON.stringify(documentOf(definitions, version), null, 1)}\n`;
  files.add(file);
  const present = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (present === text) continue;
  stale.push(file);
  if (!isCheck) writeFileSync(path, text);
}
for (const file of readdirSync(FOLDER).filter((name) => !files.has(name))) {
  stale.push(file);
  if (!isCheck) rmSync(join(FOLDER, file));
}

if (isCheck && stale.length > 0) {
  process.stderr.write(
    `openapi/ is not what the declarations say: ${stale.join(', ')}. Run: npm run openapi\n`,
  );
  process.exitCode = 1;
} else {
  process.stdout.write(
    `openapi/: ${stale.length === 0 ? 'as declared' : `${stale.join(', ')} written`}\n`,
  );
}
