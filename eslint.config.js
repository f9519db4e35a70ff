/**
 * What the linter holds (`npm run check:lint`): the strict set of typescript-eslint, and our own bans, each with the room
 * that may do it. Formatting is Biome's, room boundaries are dependency-cruiser's, the rest is test/tidy.test.ts.
 */
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const ban = (message, ...selectors) => selectors.map((selector) => ({ selector, message }));

const importOf = (module) => `ImportDeclaration[source.value=/^(node:)?${module}$/]`;

/** What only some rooms may do. */
const BANS = {
  date: ban(
    'Only shared/instant.ts and schedule/clock.ts ask the wall what time it is; use Instant.',
    "NewExpression[callee.name='Date']",
    "CallExpression[callee.name='Date']",
    "MemberExpression[object.name='Date']",
    "MemberExpression[object.name='performance']",
  ),
  timers: ban(
    'Only schedule/ waits on the wall; put a row into the timers instead.',
    'CallExpression[callee.name=/^set(Timeout|Interval)$/]',
    'CallExpression[callee.property.name=/^set(Timeout|Interval)$/]',
    importOf('timers(\\u002Fpromises)?'),
  ),
  environment: ban(
    'Only config.ts reads the environment.',
    "MemberExpression[object.name='process'][property.name='env']",
    "ImportDeclaration[source.value=/^(node:)?process$/] ImportSpecifier[imported.name='env']",
  ),
  random: ban(
    'Draw from shared/random.ts (repeatable) or, for key material, in vault/ from node:crypto.',
    "MemberExpression[object.name='Math'][property.name='random']",
  ),
  sleep: ban(
    'A test never sleeps: advance the clock, or wait for the event itself.',
    "NewExpression[callee.name='Promise'] CallExpression[callee.name=/^set(Timeout|Interval)$/]",
    importOf('timers\\u002Fpromises'),
  ),
  entropy: ban(
    'A simulator draws from shared/random.ts only: same seed, same bytes.',
    "MemberExpression[object.name='crypto']",
    "MemberExpression[object.name='globalThis'][property.name='crypto']",
  ),
};

/** What nobody may do. */
const ALWAYS = [
  ...ban('Export by name: a name can be searched for.', 'ExportDefaultDeclaration'),
  ...ban('Use a union of literals.', 'TSEnumDeclaration'),
];

const banning = (...names) => ({
  'no-restricted-syntax': ['error', ...ALWAYS, ...names.flatMap((name) => BANS[name])],
});

/** Rules of the strict set that we read differently, with the reason. */
const READINGS = {
  // A number in a text is what it looks like; objects and undefined stay errors.
  '@typescript-eslint/restrict-template-expressions': [
    'error',
    { allowNumber: true, allowBoolean: true },
  ],
  // `() => emitter.emit()` is how one passes an action on.
  '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
  // The runner of node:test waits for these by itself.
  '@typescript-eslint/no-floating-promises': [
    'error',
    {
      allowForKnownSafeCalls: [
        { from: 'package', package: 'node:test', name: ['describe', 'it', 'suite', 'test'] },
      ],
    },
  ],
  // `async` is also a port's shape and turns a throw into a rejection, whether this adapter waits for something or not.
  '@typescript-eslint/require-await': 'off',
  // JSON objects are records by key here (merge patch, tags); a Map would only be copied back.
  '@typescript-eslint/no-dynamic-delete': 'off',
  // `while (true)` with a way out in the middle says what it does.
  '@typescript-eslint/no-unnecessary-condition': [
    'error',
    { allowConstantLoopConditions: 'only-allowed-literals' },
  ],
  // A generic that types one argument or result is how defineResource and the store infer.
  '@typescript-eslint/no-unnecessary-type-parameters': 'off',
  // TypeScript says the same (noUnusedLocals), and takes `_name` for "on purpose".
  '@typescript-eslint/no-unused-vars': 'off',
};

const errors = (...rules) => Object.fromEntries(rules.map((rule) => [rule, 'error']));

/** Not in the strict set, and worth it. */
const ADDED = {
  '@typescript-eslint/switch-exhaustiveness-check': [
    'error',
    { considerDefaultExhaustiveForUnions: true },
  ],
  '@typescript-eslint/consistent-type-exports': 'error',
  ...errors('eqeqeq', 'object-shorthand', 'prefer-const', 'no-var'),
  // ESLint's own, of which the strict set brings none: slips that types do not show.
  ...errors('no-constant-binary-expression', 'no-empty', 'no-empty-pattern', 'no-self-assign'),
  ...errors('no-control-regex', 'no-misleading-character-class', 'no-useless-escape'),
  ...errors('no-async-promise-executor', 'no-unsafe-finally', 'no-useless-catch', 'no-cond-assign'),
};

export default defineConfig(
  { ignores: ['node_modules/', 'data/', 'dist/', 'openapi/', 'coverage/'] },
  {
    files: ['src/**/*.ts', 'clients/**/*.ts', 'test/**/*.ts', 'scripts/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: { ...READINGS, ...ADDED, ...banning('random') },
  },
  {
    files: ['src/**/*.ts', 'clients/**/*.ts'],
    rules: {
      ...banning('date', 'timers', 'environment', 'random'),
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', { max: 3 }],
      // Rooms log through the child logger they are given.
      'no-console': 'error',
    },
  },
  {
    files: ['src/appliance/**/*.ts', 'src/kubernetes/**/*.ts'],
    rules: banning('date', 'timers', 'environment', 'random', 'entropy'),
  },
  { files: ['src/shared/instant.ts'], rules: banning('timers', 'environment', 'random') },
  { files: ['src/schedule/**/*.ts'], rules: banning('date', 'environment', 'random') },
  { files: ['src/schedule/clock.ts'], rules: banning('environment', 'random') },
  // What waits there waits for other processes or for a server, not for simulated time.
  {
    files: ['database', 'dialect-postgres', 'listening', 'other-processes', 'read-set'].map(
      (name) => `src/store/${name}.ts`,
    ),
    rules: banning('date', 'environment', 'random'),
  },
  // What waits there waits for clients that are on their way.
  { files: ['src/arm/drain.ts'], rules: banning('date', 'environment', 'random') },
  { files: ['src/config.ts'], rules: banning('date', 'timers', 'random') },
  {
    // PostgreSQL hands whole numbers over as text where SQLite has numbers: `Number(row.x)` is for the one the types hide.
    files: ['src/store/**/*.ts'],
    rules: { '@typescript-eslint/no-unnecessary-type-conversion': 'off' },
  },
  {
    // The two commands hand the environment in, wait for signals and speak to people.
    files: ['src/main.ts', 'src/server.ts', 'clients/cli.ts'],
    rules: { ...banning('date', 'random'), 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      ...banning('random', 'sleep'),
      // A missing or differently shaped answer fails the test by itself, and supertest's bodies are `any`.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  // What looks after real processes has to look again now and then.
  { files: ['test/support/**/*.ts', 'test/bench/**/*.ts'], rules: banning('random') },
);
