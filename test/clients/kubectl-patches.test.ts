/** Patches come to what Go's own code makes of them: `kubectl patch --local` is that code. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { applyJsonPatch } from '#kubernetes/change/json-patch.ts';
import { applyStrategicPatch } from '#kubernetes/change/strategic.ts';
import { StatusError } from '#kubernetes/status.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import { mergePatch } from '#shared/merge-patch.ts';
import { fraction, wholeNumber } from '#shared/random.ts';
import { kubectlPath, run, withKubectl } from '../support/kubectl.ts';

const COUNT = 1000;

type Draw = (...words: (string | number)[]) => number;

const pick = <T>(list: readonly T[], at: number): T => list[Math.floor(at * list.length)] as T;
const maybe = (draw: Draw, word: string, chance: number, value: () => JsonObject): JsonObject =>
  draw('maybe', word) < chance ? value() : {};

const NAMES = ['a', 'b', 'c', 'd'];

/** Some of the names, in a drawn order. */
const some = (draw: Draw, word: string): string[] =>
  NAMES.filter((name) => draw(word, name) < 0.5).sort(
    (one, other) => draw(word, 'order', one) - draw(word, 'order', other),
  );

function podOf(draw: Draw): JsonObject {
  const containers = some(draw, 'containers');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'x',
      labels: Object.fromEntries(some(draw, 'labels').map((name) => [name, '1'])),
      finalizers: some(draw, 'finalizers').map((name) => `example.com/${name}`),
    },
    spec: {
      containers: (containers.length === 0 ? ['a'] : containers).map((name) => ({
        name,
        image: `image-${name}`,
        env: some(draw, `env ${name}`).map((variable) => ({ name: variable, value: '1' })),
        args: some(draw, `args ${name}`),
      })),
      tolerations: some(draw, 'tolerations').map((key) => ({ key, operator: 'Exists' })),
      volumes: some(draw, 'volumes').map((name) => ({ name, emptyDir: {} })),
    },
  };
}

/** A list of named elements as a patch has it: changed, new and deleted ones, in an order of its own or in one that it sets. */
function listPatch(draw: Draw, field: string, element: (name: string) => JsonObject): JsonObject {
  const names = some(draw, `patch ${field}`);
  const kept = names.filter((name) => draw('delete', field, name) >= 0.25);
  const gone = names.filter((name) => !kept.includes(name));
  const list = [
    ...kept.map((name) => ({ name, ...element(name) })),
    ...gone.map((name) => ({ name, $patch: 'delete' })),
  ];
  const isReplaced = draw('replace', field) < 0.1;
  const order = [...new Set([...kept, ...some(draw, `order ${field}`)])].filter(
    (name) => !gone.includes(name),
  );
  const inOrder = order.filter((name) => kept.includes(name));
  const sorted = [...list].sort(
    (one, other) => inOrder.indexOf(one.name) - inOrder.indexOf(other.name),
  );
  return {
    [field]: isReplaced
      ? [{ $patch: 'replace' }, ...kept.map((name) => ({ name, ...element(name) }))]
      : sorted,
    ...(!isReplaced && draw('set order', field) < 0.5
      ? { [`$setElementOrder/${field}`]: order.map((name) => ({ name })) }
      : {}),
  };
}

function strategicPatch(draw: Draw): JsonObject {
  return {
    metadata: {
      ...maybe(draw, 'labels', 0.5, () => ({
        labels: Object.fromEntries(
          some(draw, 'patch labels').map((name) => [name, draw('null', name) < 0.4 ? null : '2']),
        ),
      })),
      ...maybe(draw, 'finalizers', 0.4, () => ({
        finalizers: some(draw, 'patch finalizers').map((name) => `example.com/${name}`),
      })),
      ...maybe(draw, 'primitive', 0.3, () => ({
        // What is added as well comes or goes, as Go's maps are in no order.
        '$deleteFromPrimitiveList/finalizers': ['a', 'b', 'z']
          .filter((name) => !some(draw, 'patch finalizers').includes(name))
          .map((name) => `example.com/${name}`),
      })),
    },
    spec: {
      ...maybe(draw, 'containers', 0.8, () =>
        listPatch(draw, 'containers', (name) => ({
          ...maybe(draw, `image ${name}`, 0.7, () => ({ image: 'new' })),
          ...maybe(draw, `args ${name}`, 0.3, () => ({ args: ['z'] })),
          ...maybe(draw, `env ${name}`, 0.5, () =>
            listPatch(
              (...words) => draw(name, ...words),
              'env',
              () => ({ value: '2' }),
            ),
          ),
        })),
      ),
      ...maybe(draw, 'tolerations', 0.3, () => ({
        tolerations: [{ key: 'z', operator: 'Exists' }],
      })),
      ...maybe(draw, 'volumes', 0.4, () =>
        listPatch(draw, 'volumes', (name) =>
          draw('retain', name) < 0.4
            ? { $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } }
            : { emptyDir: { medium: 'Memory' } },
        ),
      ),
      ...maybe(draw, 'node', 0.3, () => ({ nodeName: draw('node null') < 0.5 ? null : 'n' })),
    },
  };
}

function jsonPatch(draw: Draw): Json[] {
  const paths = [
    '/metadata/labels/a',
    '/metadata/labels/new',
    '/spec/containers/0/image',
    '/spec/containers/-',
    '/spec/containers/1',
    '/spec/tolerations',
    '/spec/nodeName',
  ];
  return Array.from({ length: 1 + Math.floor(draw('length') * 3) }, (_, index) => {
    const path = pick(paths, draw('path', index));
    const value: Json =
      path.includes('containers/-') || path.endsWith('/1')
        ? { name: 'z', image: 'z' }
        : path.endsWith('tolerations')
          ? []
          : 'v';
    const op = pick(['add', 'add', 'replace', 'remove', 'test'], draw('op', index));
    return op === 'remove' ? { op, path } : { op, path, value };
  });
}

type Kind = 'strategic' | 'merge' | 'json';

function ours(kind: Kind, document: JsonObject, patch: Json): Json | undefined {
  try {
    if (kind === 'json') return applyJsonPatch(document, patch);
    return kind === 'merge'
      ? mergePatch(document, patch)
      : applyStrategicPatch(document, patch as JsonObject, 'core.v1.Pod');
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}

/** Without the empty members that Go's typed printing adds or leaves out. */
function plain(value: Json): Json {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value)
    .map(([name, member]) => [name, plain(member)] as const)
    .filter(
      ([name, member]) =>
        member !== null &&
        !(name === 'resources' || name === 'status') &&
        !(typeof member === 'object' && Object.keys(member).length === 0 && name !== 'emptyDir'),
    );
  return Object.fromEntries(members);
}

test(`${COUNT} drawn strategic, merge and JSON patches come to what kubectl makes of them`, {
  ...withKubectl,
  timeout: 300_000,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'edgetwin-patch-'));
  t.after(async () => rm(folder, { recursive: true, force: true }));
  const kubectl = kubectlPath();
  let refusals = 0;
  const check = async (index: number): Promise<void> => {
    const draw: Draw = (...words) => fraction('patches', index, ...words);
    const kind = pick<Kind>(['strategic', 'strategic', 'merge', 'json'], draw('kind'));
    const document = podOf(draw);
    const patch: Json =
      kind === 'json'
        ? jsonPatch(draw)
        : kind === 'strategic'
          ? strategicPatch(draw)
          : mergeOf(strategicPatch(draw));
    const file = join(folder, `${index}.json`);
    await writeFile(file, JSON.stringify(document));
    const said = await run(kubectl, [
      'patch',
      '--local',
      '-f',
      file,
      '--type',
      kind,
      '-p',
      JSON.stringify(patch),
      '-o',
      'json',
    ]);
    const made = ours(kind, document, patch);
    const told = `${index} ${kind} ${JSON.stringify(document)} ${JSON.stringify(patch)}`;
    if (made === undefined) refusals++;
    if (said.code !== 0) assert.equal(made, undefined, `${told}: kubectl says ${said.err}`);
    else {
      assert.ok(made !== undefined, `${told}: only we refuse it`);
      assert.deepEqual(plain(made), plain(JSON.parse(said.out) as Json), told);
    }
  };
  const lanes = Array.from({ length: availableParallelism() }, async (_, lane) => {
    for (let index = lane; index < COUNT; index += availableParallelism()) await check(index);
  });
  await Promise.all(lanes);
  assert.ok(refusals > wholeNumber(5, 5) && refusals < COUNT / 2, `${refusals} are refused`);
});

/** The same as a plain merge patch: without directives. */
function mergeOf(value: Json): Json {
  if (Array.isArray(value))
    return value
      .filter((item) => !(typeof item === 'object' && item !== null && '$patch' in item))
      .map(mergeOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !name.startsWith('$'))
      .map(([name, member]) => [name, mergeOf(member)]),
  );
}
