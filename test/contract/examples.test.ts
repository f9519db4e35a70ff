import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AnswerCheck } from './answers.ts';
import { deviations, unlisted, unreasoned } from './deviations.ts';
import { absence, officialContracts } from './official.ts';
import { type Replays, replayed } from './replay.ts';

describe('the official examples, replayed', { skip: absence }, () => {
  const contracts = absence ? [] : officialContracts();
  const check = absence ? undefined : new AnswerCheck(contracts);
  const replays: Replays = { count: 0, findings: new Map(), needed: new Set() };

  for (const contract of contracts) {
    test(`of ${contract.version}`, async (context) => {
      await replayed(context, check!, { contract, replays });
    });
  }

  test('are answered as the contract shows it, but for what deviations.json lists', () => {
    const found = unlisted(replays.findings, deviations.examples);
    assert.equal(found.join('\n'), '', '+ is answered otherwise; - is listed and no longer so');
    assert.deepEqual(unreasoned(deviations.examples), [], 'a deviation has a reason');
    assert.ok(replays.count > 800, `all were sent, not ${replays.count}`);
  });

  test('are sent as published, but for the members that deviations.json replaces', () => {
    const useless = deviations.replacements.filter(
      (replacement) => !replays.needed.has(replacement),
    );
    assert.deepEqual(useless, [], 'what is published is taken: take it off the list');
    assert.ok(deviations.replacements.every(({ reason }) => reason !== ''));
  });
});
