/**
 * Makes `dist/` of `src/` and `clients/`: what `npm start`, the package and the image run (docs/decisions/0011). npm runs it before each
 * start, because it takes less time than looking whether it is needed; files that come out as they were stay untouched.
 */
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'dist');
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Libraries of hundreds of small modules, each of which costs a process 25 KB. All others stay packages. */
const BUNDLED = new Set(['typebox', 'kysely']);
const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: { cli: 'clients/cli.ts', main: 'src/main.ts' },
  outdir: out,
  bundle: true,
  // What is imported on use stays a file of its own.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  external: Object.keys(dependencies).filter((name) => !BUNDLED.has(name)),
  legalComments: 'inline',
  logLevel: 'warning',
  write: false,
});

for (const { path, contents } of outputFiles) {
  if (!isAsItWas(path, contents)) replace(path, contents);
}
// npx runs it as a program.
chmodSync(join(out, 'cli.js'), 0o755);
const made = new Set(outputFiles.map(({ path }) => basename(path)));
for (const name of readdirSync(out)) {
  if (name.endsWith('.js') && !made.has(name)) rmSync(join(out, name));
}

function isAsItWas(path, contents) {
  try {
    return readFileSync(path).equals(contents);
  } catch {
    return false;
  }
}

/** In one step: another process may be reading it. */
function replace(path, contents) {
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, contents);
  renameSync(beside, path);
}
