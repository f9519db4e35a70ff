import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startService } from '../support/service.ts';
import { AnswerCheck } from './answers.ts';
import type { Findings } from './compare.ts';
import { deviations, unlisted, unreasoned } from './deviations.ts';
import { absence, type OfficialContract, officialContracts } from './official.ts';
import { ourContract, ourDocument, ourVersions } from './ours.ts';
import { type Replacement, Replayer } from './replay.ts';

describe('the official examples, replayed', { skip: absence }, () => {
  const contracts = absence ? [] : officialContracts();
  const check = absence ? undefined : new AnswerCheck(contracts);
  const findings: Findings = new Map();
  const needed = new Set<Replacement>();
  let count = 0;

  for (const contract of contracts) {
    test(`of ${contract.version} are all answered`, async (context) => {
      const arm = await startService(context);
      const ours = ourContract(ourDocument(contract.version)).operations;
      const replacements = deviations.replacements;
      const replayer = new Replayer(arm, check!, { contract, replacements });
      const replay = await replayer.replay((id) => ours.has(id));
      count += replay.count;
      for (const replacement of replay.needed) needed.add(replacement);
      for (const what of replay.findings) note(findings, what, contract);
    });
  }

  test('as the contract shows it, but for what deviations.json lists', () => {
    const found = unlisted(findings, deviations.examples, ourVersions);
    assert.equal(found.join('\n'), '', '+ is answered otherwise; - is listed and no longer so');
    assert.deepEqual(unreasoned(deviations.examples), [], 'a deviation has a reason');
  });

  test('with those members replaced that are listed, and no others', () => {
    const useless = deviations.replacements.filter((replacement) => !needed.has(replacement));
    assert.deepEqual(useless, [], 'what is published is taken: take it off the list');
    assert.ok(deviations.replacements.every(({ reason }) => reason !== ''));
  });

  after(() => {
    if (process.env.EDGETWIN_FINDINGS === '1') {
      for (const [what, versions] of findings) console.log(what, '|', versions.join(' '));
    }
    console.log(`${count} examples`);
  });
});

function note(findings: Findings, what: string, { version }: OfficialContract): void {
  const versions = findings.get(what) ?? [];
  if (!versions.includes(version)) findings.set(what, [...versions, version]);
}
