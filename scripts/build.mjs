/**
 * Makes `dist/` of `src/`: what `npm start`, the package and the image run (docs/decisions/0011). npm runs it before each
 * start, because it takes less time than looking whether it is needed; files that come out as they were stay untouched.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Libraries of hundreds of small modules, each of which costs a process 25 KB. All others stay packages. */
const BUNDLED = new Set(['typebox', 'kysely']);
const ENTRIES = ['cli', 'main', 'server'];

/** An entry imports another as the file that it becomes, so that nothing is there twice. */
const betweenEntries = {
  name: 'between-entries',
  setup({ onResolve }) {
    onResolve({ filter: new RegExp(`^\\./(${ENTRIES.join('|')})\\.ts$`) }, ({ path, importer }) =>
      importer === '' ? undefined : { path: path.replace(/\.ts$/, '.js'), external: true },
    );
  },
};

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ENTRIES.map((name) => `src/${name}.ts`),
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  external: Object.keys(dependencies).filter((name) => !BUNDLED.has(name)),
  plugins: [betweenEntries],
  legalComments: 'inline',
  logLevel: 'warning',
  write: false,
});

for (const { path, contents } of outputFiles) {
  if (!isAsItWas(path, contents)) replace(path, contents);
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
  const made = `${path}.${process.pid}`;
  writeFileSync(made, contents);
  renameSync(made, path);
}
