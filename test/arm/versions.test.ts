import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  askedVersion,
  DATA_BOX_EDGE_VERSIONS,
  isWithin,
  servedPollVersion,
  servedVersion,
} from '#arm/versions.ts';

test('a version is served by itself, in any casing, or by the relative that is kept', () => {
  for (const version of DATA_BOX_EDGE_VERSIONS.versions) {
    assert.equal(servedVersion(DATA_BOX_EDGE_VERSIONS, version), version);
  }
  assert.equal(servedVersion(DATA_BOX_EDGE_VERSIONS, '2023-01-01-PREVIEW'), '2023-01-01-preview');
  // What az and the Python SDK still send (arm-protocol §0.3).
  const relatives = [
    ['2019-03-01', '2019-08-01'],
    ['2019-07-01', '2019-08-01'],
    ['2020-05-01-preview', '2020-09-01'],
    ['2020-09-01-preview', '2020-09-01'],
    ['2021-02-01-preview', '2021-02-01'],
  ] as const;
  for (const [asked, relative] of relatives) {
    assert.equal(servedVersion(DATA_BOX_EDGE_VERSIONS, asked), relative);
  }
  for (const unknown of ['2018-01-01', '2023-12-01-preview', '', 'constructor', '__proto__']) {
    assert.equal(servedVersion(DATA_BOX_EDGE_VERSIONS, unknown), undefined, unknown);
  }
});

test('on a poll URL the service’s own old versions have the newest shape [rec 14]', () => {
  for (const version of ['2019-03-01', '2019-07-01']) {
    assert.equal(servedPollVersion(DATA_BOX_EDGE_VERSIONS, version), '2023-12-01');
  }
  assert.equal(servedPollVersion(DATA_BOX_EDGE_VERSIONS, '2019-08-01'), '2019-08-01');
  assert.equal(servedPollVersion(DATA_BOX_EDGE_VERSIONS, '2018-01-01'), undefined);
});

test('versions stand newest first, as ARM’s texts list them', () => {
  const { versions } = DATA_BOX_EDGE_VERSIONS;
  const dates = versions.map((version) => version.slice(0, 10));
  assert.deepEqual(dates, [...dates].sort().reverse());
});

test('the query’s key is found in any casing [mem]; twice or empty is as good as missing', () => {
  assert.equal(askedVersion({ 'api-version': '2023-12-01' }), '2023-12-01');
  assert.equal(askedVersion({ 'API-Version': '2023-12-01' }), '2023-12-01');
  assert.equal(askedVersion({}), undefined);
  assert.equal(askedVersion({ 'api-version': '' }), undefined);
  assert.equal(askedVersion({ 'api-version': ['2023-12-01', '2019-08-01'] }), undefined);
});

test('a span has its ends, and a preview with its date; one version alone is that one only', () => {
  const has = (span: string): string[] =>
    DATA_BOX_EDGE_VERSIONS.versions.filter((version) => isWithin(span, version)).reverse();
  assert.deepEqual(has('..'), DATA_BOX_EDGE_VERSIONS.versions.toReversed());
  assert.deepEqual(has('..2020-12-01'), ['2019-08-01', '2020-09-01', '2020-12-01']);
  assert.deepEqual(has('2023-07-01..'), ['2023-07-01', '2023-12-01']);
  assert.deepEqual(has('2021-06-01..2022-03-01'), [
    '2021-06-01-preview',
    '2021-06-01',
    '2022-03-01',
  ]);
  assert.deepEqual(has('2021-06-01'), ['2021-06-01']);
  assert.deepEqual(has('2019-08-01 2023-12-01..'), ['2019-08-01', '2023-12-01']);
});
