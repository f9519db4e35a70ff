/**
 * What neither the compiler nor the linters hold about the tree itself: sizes, heads, words, dead files, paths that
 * documents name. And that the linters' rules bite: a rule that sees no module is green for ever.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, posix, relative } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ESLint } from 'eslint';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const glob = (...patterns: string[]): string[] => globSync(patterns, { cwd: root }).sort();

const SOURCES = glob('src/**/*.ts', 'clients/**/*.ts');
const CODE = [...SOURCES, ...glob('test/**/*.ts', 'scripts/*')];
const DOCUMENTS = glob('*.md', 'docs/**/*.md');
const REST = glob('migrations/*', '.ci/*', 'Dockerfile', '*.yml', '*.js', '.*.cjs', 'package.json');
const ROOMS = readdirSync(join(root, 'src'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && SOURCES.some((p) => p.startsWith(`src/${entry.name}/`)))
  .map((entry) => entry.name);

/** Shows the offenders themselves in a red run, not a count. */
const expectNone = (offenders: string[], rule: string): void => {
  assert.deepEqual(offenders, [], rule);
};

describe('files', () => {
  const LINES = { src: 400, elsewhere: 600 };

  test('are short enough to be read at one go', () => {
    const lengthOf = (path: string): number => read(path).split('\n').length - 1;
    const limitOf = (path: string): number =>
      SOURCES.includes(path) ? LINES.src : LINES.elsewhere;
    expectNone(
      [...CODE, ...DOCUMENTS, ...REST]
        .filter((path) => lengthOf(path) > limitOf(path))
        .map((path) => `${path}: ${lengthOf(path)} lines`),
      `at most ${LINES.src} lines in src/ and clients/, ${LINES.elsewhere} elsewhere`,
    );
  });

  test('open with what they own', () => {
    expectNone(
      // A command's first line is the one that says what runs it.
      SOURCES.filter((path) => !/^(#!.*\n)?\/\*\*/.test(read(path))),
      'a source file begins with a /** comment: what it owns, who calls it, what it never does',
    );
  });

  test('are named in kebab-case by a noun of the domain', () => {
    const vague = /^(.*-)?(utils?|helpers?|common|misc|managers?|impl|base)(-.*)?$/;
    const nameOf = (path: string): string => basename(path).replace(/(\.test)?\.(ts|mjs)$/, '');
    expectNone(
      CODE.filter(
        (path) => vague.test(nameOf(path)) || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(nameOf(path)),
      ),
      'no utils, helpers, common, misc, manager, impl, base; kebab-case',
    );
  });

  test('in src/ and clients/ are used: somebody imports each of them', () => {
    const entries = ['src/main.ts', 'clients/cli.ts'];
    const users = [...SOURCES, ...glob('scripts/*.ts')];
    const imported = new Set(users.flatMap((path) => importsOf(path)));
    expectNone(
      SOURCES.filter((path) => !entries.includes(path) && !imported.has(path)),
      'a file that only tests import, or nobody, is dead',
    );
  });
});

/** Our own files that a file imports, as paths from the root. */
function importsOf(path: string): string[] {
  const specifiers = read(path).matchAll(/(?:from|import\(?)\s*'([#.][^']+)'/g);
  return [...specifiers].map(([, specifier = '']) =>
    specifier.startsWith('#')
      ? specifier.slice(1).replace(/^(?!src\/|clients\/)/, 'src/')
      : posix.join(posix.dirname(path), specifier),
  );
}

describe('words', () => {
  const WRITTEN = [...CODE, ...DOCUMENTS, ...REST].filter((path) => path !== 'test/tidy.test.ts');
  const linesWith = (pattern: RegExp, paths: string[]): string[] =>
    paths.flatMap((path) =>
      read(path)
        .split('\n')
        .flatMap((line, index) =>
          pattern.test(line) ? [`${path}:${index + 1} ${line.trim().slice(0, 100)}`] : [],
        ),
    );

  test('no notes to self: an issue is the place for what is left to do', () => {
    expectNone(linesWith(/\b(TODO|FIXME|XXX|HACK)\b/, WRITTEN), 'banned words');
  });

  test('no paths of somebody’s machine', () => {
    expectNone(
      linesWith(/(^|[\s'"`(=:])\/(work|home(?!\/hcsshares)|Users)\//, WRITTEN),
      'machine paths',
    );
  });

  test('no vague or Hungarian names', () => {
    const vague =
      /\b(class|interface|type|function|const)\s+(\w*(Manager|Helper|Helpers|Utils?|Impl)|I(Service|Store|Queue|Clock|Engine|Fleet))\b/;
    expectNone(linesWith(vague, SOURCES), 'vague names');
  });

  test('no module exports a name `then`', () => {
    expectNone(
      linesWith(
        /^export (async )?(function\*?|const|let|class) then\b|^\s*export \{[^}]*\bthen\b/,
        CODE.filter((path) => path.startsWith('src/')),
      ),
      'it would make the module a thenable, which a dynamic import waits for',
    );
  });

  test('no default exports and no silenced checks without a reason', () => {
    expectNone(linesWith(/^\s*export default\b/, CODE), 'export by name');
    expectNone(
      linesWith(/@ts-(ignore|nocheck)|eslint-disable(?!.* -- )/, WRITTEN),
      'say why: -- reason',
    );
  });
});

describe('documents', () => {
  const isThere = (path: string): boolean => existsSync(join(root, path));

  /** Paths in backticks that begin with a folder of ours, from the root or from src/. */
  function namedPaths(document: string): string[] {
    const folders = [
      'src',
      'clients',
      'test',
      'docs',
      'scripts',
      'migrations',
      'openapi',
      '.ci',
      ...ROOMS,
    ];
    return [...document.matchAll(/`([\w.-]+\/[\w./-]*)`/g)]
      .map(([, path = '']) => path)
      .filter((path) => folders.includes(path.split('/')[0] ?? ''));
  }

  function linkedPaths(document: string): string[] {
    return [...document.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map(([, path = '']) => path);
  }

  test('name only paths that exist', () => {
    const missing = DOCUMENTS.flatMap((path) => {
      const document = read(path);
      const named = namedPaths(document).filter((p) => !isThere(p) && !isThere(`src/${p}`));
      const linked = linkedPaths(document).filter((p) => !isThere(posix.join(dirname(path), p)));
      return [...named, ...linked].map((name) => `${path}: ${name}`);
    });
    expectNone(missing, 'a path in a document leads to a file');
  });

  test('ARCHITECTURE.md names every room', { skip: !isThere('ARCHITECTURE.md') }, () => {
    const map = read('ARCHITECTURE.md');
    expectNone(
      ROOMS.filter((room) => !new RegExp(`\\b${room}/|\\b${room}\\b\\s*\\||\`${room}\``).test(map)),
      'every folder of src/ is on the map',
    );
  });
});

describe('linters', () => {
  /** A small tree under our own configuration: path, from src/ or in clients/ → text, and the rules that must catch it. */
  const SCRATCH: Record<string, [text: string, ...caughtBy: string[]]> = {
    'shared/fine.ts': ['export const fine = 1;'],
    'shared/instant.ts': ['export const now = (): number => Date.now();'],
    'shared/orphan.ts': ['export {};', 'no-orphan'],
    'kubernetes/kinds.ts': ['export const kinds = 1; export type Kind = string;'],
    'appliance/fine.ts': ["import { fine } from '#shared/fine.ts'; export const twice = fine * 2;"],
    'appliance/cluster.ts': ["export { kinds } from '#kubernetes/kinds.ts';"],
    'kubernetes/upwards.ts': ["export { twice } from '#appliance/fine.ts';", 'room-kubernetes'],
    'operations/operation.ts': ['export const step = 1; export type Step = string;'],
    'resources/types.ts': ["export type { Step } from '#operations/operation.ts';"],
    'resources/code.ts': [
      "export { step } from '#operations/operation.ts';",
      'room-resources-types-of-operations',
    ],
    'appliance/file.ts': ["export { readFileSync } from 'node:fs';", 'pure-rooms'],
    'store/table.ts': ["export { Kysely } from 'kysely';"],
    'store/lost.ts': ["import '#shared/nowhere.ts';", 'resolvable'],
    'store/upwards.ts': ["export { twice } from '#appliance/fine.ts';", 'room-store'],
    'arm/http.ts': ["export { fastify } from 'fastify';"],
    'arm/hooks.ts': ["export { fastify } from 'fastify';", 'npm-arm'],
    'arm/wall.ts': ['export const now = (): number => Date.now();', 'no-restricted-syntax'],
    'arm/dice.ts': ['export const roll = (): number => Math.random();', 'no-restricted-syntax'],
    'arm/wait.ts': ['setTimeout(() => 1, 1);', 'no-restricted-syntax'],
    'arm/home.ts': ['export const home = process.env.HOME;', 'no-restricted-syntax'],
    'arm/forgets.ts': ['Promise.resolve(1);', '@typescript-eslint/no-floating-promises'],
    'resources/users.ts': ['export const users = 1;'],
    'resources/shares.ts': ["export { users } from './users.ts';", 'resource-alone'],
    'resources/roles/roles.ts': ["export { iot } from './iot.ts';"],
    'resources/roles/iot.ts': ['export const iot = 1;'],
    'billing/round.ts': ["import './trip.ts';", 'no-circle'],
    'billing/trip.ts': ["import './round.ts';", 'no-circle'],
    'elsewhere/room.ts': ["export { fine } from '#shared/fine.ts';", 'room-unknown'],
    'arm/tour.ts': ["export { guide } from '#clients/tour/guide.ts';", 'src-alone'],
    'clients/tour/guide.ts': ["import '#shared/fine.ts'; export const guide = 1;"],
    'clients/tour/inside.ts': ["export { users } from '#resources/users.ts';", 'client-tour'],
    'clients/tour/package.ts': ["export { Kysely } from 'kysely';", 'npm-clients'],
    'clients/tour/wall.ts': [
      'export const now = (): number => Date.now();',
      'no-restricted-syntax',
    ],
    'clients/elsewhere/client.ts': ["export { fine } from '#shared/fine.ts';", 'client-unknown'],
  };
  const caught = (isEslint: boolean): string[] =>
    Object.entries(SCRATCH).flatMap(([path, [, ...rules]]) =>
      rules
        .filter((rule) => isEslint === /^(no-restricted|@typescript)/.test(rule))
        .map((rule) => `${path} ${rule}`),
    );
  let scratch = '';
  const placeOf = (path: string): string =>
    join(scratch, path.startsWith('clients/') ? '' : 'src', path);

  before(() => {
    scratch = mkdtempSync(join(tmpdir(), 'edgetwin-tidy-'));
    for (const name of [
      'package.json',
      'tsconfig.json',
      '.dependency-cruiser.cjs',
      'eslint.config.js',
    ]) {
      cpSync(join(root, name), join(scratch, name));
    }
    symlinkSync(join(root, 'node_modules'), join(scratch, 'node_modules'), 'dir');
    for (const [path, [text]] of Object.entries(SCRATCH)) {
      mkdirSync(dirname(placeOf(path)), { recursive: true });
      writeFileSync(placeOf(path), text);
    }
    const used = Object.keys(SCRATCH).filter((path) => path !== 'shared/orphan.ts');
    const importing = (isClient: boolean): string =>
      used
        .filter((path) => path.startsWith('clients/') === isClient)
        .map((path) => `import '#${isClient ? path : `src/${path}`}';`)
        .join('\n');
    writeFileSync(join(scratch, 'src/main.ts'), importing(false));
    writeFileSync(join(scratch, 'clients/cli.ts'), importing(true));
  });
  after(() => {
    rmSync(scratch, { recursive: true, force: true });
  });

  /** Runs a linter's command in `folder`; findings make it exit with 1, which is no error here. */
  function run(folder: string, command: string, ...words: string[]): string {
    const path = join(root, 'node_modules/.bin', command);
    const { stdout, stderr } = spawnSync(process.execPath, [path, ...words], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    assert.notEqual(stdout, '', stderr);
    return stdout;
  }

  interface Cruise {
    modules: { source: string; dependencies: { module: string }[] }[];
    summary: { violations: { from: string; rule: { name: string } }[] };
  }
  const cruise = (folder: string): Cruise =>
    JSON.parse(run(folder, 'depcruise', 'src', 'clients', '--output-type', 'json')) as Cruise;

  test('dependency-cruiser catches each breach of the import table, and nothing else', () => {
    const found = cruise(scratch).summary.violations.map(
      ({ from, rule }) => `${from.replace('src/', '')} ${rule.name}`,
    );
    // A circle is reported once, at whichever file comes first.
    const isReported = (line: string): boolean =>
      !line.endsWith('no-circle') || found.includes(line);
    assert.ok(found.some((line) => line.endsWith('no-circle')));
    assert.deepEqual(found.sort(), caught(false).filter(isReported).sort());
  });

  test('dependency-cruiser sees every file of src/ and clients/ and every #room import', () => {
    const { modules } = cruise(root);
    const seen = new Set(modules.map(({ source }) => source));
    expectNone(
      SOURCES.filter((path) => !seen.has(path)),
      'files that the cruiser did not see',
    );
    const followed = new Set(
      modules.flatMap(({ source, dependencies }) =>
        dependencies.map(({ module }) => `${source} ${module}`),
      ),
    );
    const written = SOURCES.flatMap((path) =>
      [...read(path).matchAll(/^(?:import|export)[^';]* from '(#[^']+)'/gm)].map(
        ([, specifier = '']) => `${path} ${specifier}`,
      ),
    );
    expectNone(
      written.filter((line) => !followed.has(line)),
      'imports that the cruiser did not see',
    );
  });

  test('ESLint catches each banned thing outside its room, and nothing else', () => {
    const results = JSON.parse(run(scratch, 'eslint', 'src', 'clients', '--format', 'json')) as {
      filePath: string;
      messages: { ruleId: string }[];
    }[];
    const found = results.flatMap(({ filePath, messages }) =>
      messages.map(
        ({ ruleId }) => `${relative(scratch, filePath).replace(/^src\//, '')} ${ruleId}`,
      ),
    );
    assert.deepEqual(found.sort(), caught(true).sort());
  });

  test('ESLint and the compiler leave no file out', async () => {
    const files = CODE.filter((path) => path.endsWith('.ts'));
    const compiled = new Set(run(root, 'tsc', '--listFilesOnly').split('\n'));
    expectNone(
      files.filter((path) => !compiled.has(join(root, path))),
      'not compiled',
    );
    const eslint = new ESLint({ cwd: root });
    const ignored = await Promise.all(files.map((path) => eslint.isPathIgnored(join(root, path))));
    expectNone(
      files.filter((_path, index) => ignored[index]),
      'not linted',
    );
  });
});
