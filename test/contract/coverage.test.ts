import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { coverageOf, notYet, tableAsWritten, tableOf } from './coverage.ts';
import { absence, officialContracts } from './official.ts';
import { ourContract, ourDocument, ourVersions } from './ours.ts';

describe('operations of the official contract', { skip: absence }, () => {
  const coverage = absence
    ? undefined
    : coverageOf(
        ourVersions.map((version) => ourContract(ourDocument(version))),
        officialContracts(),
      );

  test('every kept version is served', () => {
    assert.deepEqual(ourVersions, coverage!.versions);
  });

  test('each is there in each version, but for those that not-yet.json lists', () => {
    const { missing, total } = coverage!;
    const listed = notYet();
    assert.deepEqual(
      missing.filter((cell) => !listed.includes(cell)),
      [],
      'was there before: only what is new may be missing for a while, and not-yet.json only shrinks',
    );
    assert.deepEqual(
      listed.filter((cell) => !missing.includes(cell)),
      [],
      'is there now: run `npm run contract`, which takes it off not-yet.json',
    );
    assert.ok(total > 800, 'the whole contract was read');
  });

  test('docs/coverage.md shows it as it is', () => {
    assert.equal(tableAsWritten(), tableOf(coverage!), 'run `npm run contract`');
  });
});
