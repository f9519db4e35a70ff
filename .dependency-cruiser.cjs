/**
 * Who may import whom: the table of ARCHITECTURE.md as rules, one row a room. `npm run check:boundaries` holds it;
 * test/tidy.test.ts proves that these rules see `#room/…` imports and bite.
 */

/**
 * The table. `rooms`: what a room may import besides itself; `types`: the same, for types only; `npm`: packages that any
 * file of the room may import; `npmIn`: packages that only the named files may import.
 */
const ROOMS = {
  shared: {},
  store: { rooms: ['shared'], npm: ['kysely', 'better-sqlite3', 'pg', 'lru-cache'] },
  schedule: {
    rooms: ['store', 'shared'],
    npmIn: { 'queue-bullmq.ts': ['bullmq', 'ioredis'] },
  },
  kubernetes: { rooms: ['shared'], npm: ['kubernetes-types'] },
  appliance: { rooms: ['kubernetes', 'shared'] },
  fleet: { rooms: ['appliance', 'kubernetes', 'schedule', 'store', 'shared'], npm: ['lru-cache'] },
  operations: { rooms: ['schedule', 'store', 'shared'] },
  vault: { rooms: ['store', 'shared'], npm: ['pkijs', 'asn1js'] },
  arm: {
    rooms: ['operations', 'store', 'schedule', 'shared'],
    npm: ['typebox'],
    npmIn: {
      'json-body.ts': ['json5'],
      'door.ts': ['fastify'],
      'http.ts': ['fastify', '@fastify/swagger'],
    },
  },
  resources: {
    rooms: ['arm', 'fleet', 'vault', 'shared'],
    types: ['operations'],
    npm: ['typebox'],
  },
  identity: {
    rooms: ['arm', 'store', 'vault', 'shared'],
    npm: ['jose'],
    npmIn: { 'sign-in/http.ts': ['fastify', '@fastify/swagger'] },
  },
  platform: {
    rooms: ['arm', 'operations', 'store', 'shared'],
    types: ['identity'],
    npmIn: {
      'http.ts': ['fastify', '@fastify/swagger'],
      'gate.ts': ['fastify'],
      'batch.ts': ['fastify', '@fastify/swagger'],
    },
  },
  'resource-graph': { rooms: ['arm', 'store', 'shared'], types: ['identity'] },
  'local-api': { rooms: ['fleet', 'vault', 'shared'], npmIn: { 'http.ts': ['fastify'] } },
  monitor: { rooms: ['arm', 'fleet', 'schedule', 'store', 'shared'] },
  deployments: {
    rooms: ['arm', 'operations', 'store', 'vault', 'shared'],
  },
  billing: { rooms: ['schedule', 'store', 'shared'] },
  control: {
    rooms: ['fleet', 'kubernetes', 'schedule', 'billing', 'vault', 'store', 'shared'],
    npmIn: {
      'http.ts': ['fastify', '@fastify/swagger'],
      'clusters-http.ts': ['fastify', '@fastify/swagger'],
      'health.ts': ['fastify', '@fastify/swagger'],
      'answers.ts': ['fastify'],
      'route.ts': ['fastify'],
      'metrics.ts': ['prom-client'],
    },
  },
  'kube-api': {
    rooms: ['fleet', 'kubernetes', 'vault', 'shared'],
    npm: ['kubernetes-types', 'yaml'],
    npmIn: { 'http.ts': ['fastify'] },
  },
  portal: { rooms: ['shared'], npm: ['fastify', '@fastify/static'] },
};
/** Folders of clients/: programs for people, which reach the service as any other client does. What they import of src/. */
const CLIENTS = { tour: ['shared'], setup: ['shared'], cluster: ['shared'], faults: ['shared'] };
/** The files at the top of src/ are where the rooms meet; the app builds the server, the others start it. */
const TOP_NPM = ['fastify', '@fastify/swagger', '@fastify/swagger-ui', 'pino'];
/** Rooms whose every answer follows from their arguments: no files, no sockets, no crypto, no timers. */
const PURE_ROOMS = ['shared', 'kubernetes', 'appliance'];

const NPM = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'];
const oneOf = (names) => `(${names.join('|').replaceAll('.', '\\.')})`;
const inPackages = (names) => `(^|/)node_modules/(@types/)?${oneOf(names)}/`;

/** `from` may import, of all that matches `to`, only what matches `allowed`. */
const only = (name, comment, from, to, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: typeof from === 'string' ? { path: from } : from,
  to: { ...to, ...(allowed === undefined ? {} : { pathNot: allowed }) },
});

function rulesOf(room, { rooms = [], types = [], npm = [], npmIn = {} }) {
  const files = Object.keys(npmIn);
  const rest = { path: `^src/${room}/` };
  if (files.length > 0) rest.pathNot = `^src/${room}/${oneOf(files)}$`;
  return [
    only(
      `room-${room}`,
      `${room} may import ${[...rooms, ...types.map((type) => `${type} (types)`)].join(', ') || 'no other room'}.`,
      `^src/${room}/`,
      { path: '^src/' },
      `^src/${oneOf([room, ...rooms, ...types])}/`,
    ),
    ...types.map((type) =>
      only(
        `room-${room}-types-of-${type}`,
        `${room} may import types of ${type}, no code.`,
        `^src/${room}/`,
        { path: `^src/${type}/`, dependencyTypesNot: ['type-only'] },
      ),
    ),
    only(
      `npm-${room}`,
      `Packages of ${room}: ${npm.join(', ') || 'none'}.`,
      rest,
      { dependencyTypes: NPM },
      npm.length > 0 ? inPackages(npm) : undefined,
    ),
    ...files.map((file) =>
      only(
        `npm-${room}-${file}`,
        `Packages of ${room}/${file}: ${[...npm, ...npmIn[file]].join(', ')}.`,
        `^src/${room}/${oneOf([file])}$`,
        { dependencyTypes: NPM },
        inPackages([...npm, ...npmIn[file]]),
      ),
    ),
  ];
}

module.exports = {
  forbidden: [
    ...Object.entries(ROOMS).flatMap(([room, row]) => rulesOf(room, row)),
    only(
      'room-unknown',
      'Every folder of src/ is a row of the table at the head of this file.',
      { path: '^src/[^/]+/', pathNot: `^src/${oneOf(Object.keys(ROOMS))}/` },
      {},
    ),
    only(
      'npm-top',
      `Packages of the files at the top of src/: ${TOP_NPM.join(', ')}.`,
      '^src/[^/]+$',
      { dependencyTypes: NPM },
      inPackages(TOP_NPM),
    ),
    only(
      'pure-rooms',
      `${PURE_ROOMS.join(', ')} do no I/O: nothing of Node itself.`,
      `^src/${oneOf(PURE_ROOMS)}/`,
      { dependencyTypes: ['core'] },
    ),
    only(
      'resource-alone',
      'A resource file imports no other resource file: name the other by its ARM type string. Only the list (index.ts) knows them all; base/ is for all; devices/, roles/ and addons/ know their own folder.',
      { path: '^src/resources/([^/]+\\.ts|[^/]+(?=/))', pathNot: '^src/resources/index\\.ts$' },
      { path: '^src/resources/' },
      '^src/resources/(base/|$1(/|$))',
    ),
    ...Object.entries(CLIENTS).map(([client, rooms]) =>
      only(
        `client-${client}`,
        `clients/${client}/ may import itself and, of src/, ${rooms.join(', ')}.`,
        `^clients/${client}/`,
        { path: '^(src|clients)/' },
        `^(clients/${client}|src/${oneOf(rooms)})/`,
      ),
    ),
    only(
      'client-unknown',
      'Every folder of clients/ is a row of CLIENTS.',
      { path: '^clients/[^/]+/', pathNot: `^clients/${oneOf(Object.keys(CLIENTS))}/` },
      {},
    ),
    only('npm-clients', 'Clients need no package.', '^clients/', { dependencyTypes: NPM }),
    only(
      'src-alone',
      'src/ knows no client, test, script or bench.',
      { path: '^src/' },
      { path: '^(clients|test|scripts|node_modules/\\.bin)/' },
    ),
    only(
      'no-development-packages',
      'What the program runs on is in `dependencies`.',
      '^(src|clients)/',
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
      '^node_modules/@types/',
    ),
    only('no-circle', 'No circular imports: move the shared part down.', '', {
      circular: true,
    }),
    only('resolvable', 'Every import leads to a file or an installed package.', '', {
      couldNotResolve: true,
    }),
    {
      name: 'no-orphan',
      comment: 'A file that imports nothing and that nobody imports is dead.',
      severity: 'error',
      from: {
        orphan: true,
        path: '^(src|clients)/',
        pathNot: '^(src/main|clients/cli)\\.ts$|\\.d\\.ts$',
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(data|dist|openapi)/' },
    // Imports of types count: a room that knows another one's types knows the room.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
    reporterOptions: { text: { highlightFocused: true } },
  },
};
