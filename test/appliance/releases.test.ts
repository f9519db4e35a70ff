import assert from 'node:assert/strict';
import { LAST_MOMENT } from '#shared/instant.ts';
import { test } from 'node:test';
import {
  arcAgentVersionOf,
  DEFAULT_RELEASE,
  kubernetesVersionOf,
  mayCreateClusters,
  nextReleases,
  offeredRelease,
  RELEASES,
  releaseOf,
} from '#appliance/releases.ts';

/** The releases that repeated updates lead to, from `name` on. */
function pathFrom(name: string, nodeCount: 1 | 2): string[] {
  const next = offeredRelease(name, nodeCount, LAST_MOMENT);
  return next === undefined ? [] : [next.name, ...pathFrom(next.name, nodeCount)];
}

test('names and versions rise together, and every `from` is an older release', () => {
  const parts = (version: string) => version.split('.').map(Number);
  RELEASES.forEach((release, index) => {
    assert.equal(releaseOf(release.name), release);
    const before = RELEASES[index - 1];
    if (before !== undefined) {
      assert.ok(before.name < release.name, release.name);
      const [a, b] = [parts(before.version), parts(release.version)];
      const differs = a.findIndex((part, place) => part !== b[place]);
      assert.ok(differs < 3 && a[differs]! < b[differs]!, release.name);
    }
    if (release.from !== undefined) {
      assert.ok(releaseOf(release.from) !== undefined && release.from < release.name, release.name);
    }
  });
});

test('the documented multi-hop path', () => {
  assert.deepEqual(pathFrom('2010', 1), ['2106', '2207', '2303', '2403', '2501', '2510', '2607']);
  assert.deepEqual(pathFrom(DEFAULT_RELEASE, 1), ['2403', '2501', '2510', '2607']);
  assert.deepEqual(pathFrom('2604', 1), ['2607']);
  assert.deepEqual(pathFrom('2607', 1), []);
});

test('two nodes are offered nothing newer than 2510', () => {
  assert.deepEqual(pathFrom(DEFAULT_RELEASE, 2), ['2403', '2501', '2510']);
  assert.deepEqual(nextReleases('2510', 2), []);
});

test('all releases to which a release can be updated', () => {
  const names = (name: string) => nextReleases(name, 1).map((release) => release.name);
  assert.deepEqual(names('2309'), ['2312', '2403']);
  assert.deepEqual(names('2510'), ['2604', '2607']);
});

test('without a documented `from`, a release is reached from its direct predecessor only', () => {
  assert.deepEqual(pathFrom('2008', 1).slice(0, 2), ['2009', '2010']);
  assert.deepEqual(
    nextReleases('2101', 1).map((release) => release.name),
    ['2102', '2103', '2105', '2106'],
  );
});

test('a Kubernetes version that is not documented is the predecessor’s', () => {
  const versions = Object.fromEntries(
    ['2008', '2103', '2110', '2207', '2303', '2309', '2312', '2403', '2407', '2607'].map((name) => [
      name,
      kubernetesVersionOf(name),
    ]),
  );
  assert.deepEqual(versions, {
    2008: 'v1.17.3',
    2103: 'v1.17.3',
    2110: 'v1.20.2',
    2207: 'v1.22.6',
    2303: 'v1.22.6',
    2309: 'v1.25.5',
    2312: 'v1.26',
    2403: 'v1.27.8',
    2407: 'v1.28',
    2607: 'v1.28',
  });
});

test('Arc agents that are not documented are the nearest predecessor’s', () => {
  assert.equal(arcAgentVersionOf('2008'), '0.1.18');
  assert.equal(arcAgentVersionOf('2103'), '0.2.9');
  assert.equal(arcAgentVersionOf('2303'), '1.6.6');
  assert.equal(arcAgentVersionOf('2309'), '1.11.7');
  assert.equal(arcAgentVersionOf('2312'), '1.11.7');
  assert.equal(arcAgentVersionOf('2510'), '1.16.10');
});

test('clusters can be created from 2301 on', () => {
  const able = RELEASES.filter((release) => mayCreateClusters(release.name));
  assert.equal(able[0]?.name, '2301');
  assert.equal(able.at(-1)?.name, '2607');
});

test('an unknown release has no data', () => {
  for (const name of ['', '2311', 'constructor', '2309 ']) {
    assert.equal(releaseOf(name), undefined);
    assert.equal(mayCreateClusters(name), false);
  }
});
