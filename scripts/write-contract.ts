/**
 * Brings what is written down about the official contract up to date: `test/contract/not-yet.json` (which may only
 * shrink), `docs/coverage.md`, and with `--deviations` the list of deviations, where each new one still needs its reason.
 * Needs the official documents (`EDGETWIN_SPEC`, or ../shared/spec).
 */
import { AnswerCheck } from '../test/contract/answers.ts';
import { modelFindings, operationFindings } from '../test/contract/compare.ts';
import { coverageOf, notYet, writeCoverage } from '../test/contract/coverage.ts';
import { deviations, relisted, writeDeviations } from '../test/contract/deviations.ts';
import { absence, officialContracts } from '../test/contract/official.ts';
import { ourContract, ourDocument, ourVersions } from '../test/contract/ours.ts';
import { type Replays, replayed } from '../test/contract/replay.ts';

if (absence) {
  process.stderr.write(`${absence}\n`);
  process.exit(1);
}
const ours = ourVersions.map((version) => ourContract(ourDocument(version)));
const official = officialContracts();

const coverage = coverageOf(ours, official);
const listed = notYet();
const lost = coverage.missing.filter((cell) => !listed.includes(cell));
if (lost.length > 0 && !process.argv.includes('--grow')) {
  process.stderr.write(`was there before, and not-yet.json only shrinks:\n${lost.join('\n')}\n`);
  process.exitCode = 1;
} else {
  writeCoverage(coverage);
}
process.stdout.write(
  `${coverage.total - coverage.missing.length} of ${coverage.total} operations × versions\n`,
);

if (process.argv.includes('--deviations')) {
  const replays: Replays = { count: 0, findings: new Map(), needed: new Set() };
  const check = new AnswerCheck(official);
  const ends: (() => Promise<unknown>)[] = [];
  const context = { after: (end: unknown) => ends.push(end as (typeof ends)[number]) };
  for (const contract of official) {
    await replayed(context, check, { contract, replays });
    for (const end of ends.splice(0)) await end();
  }
  const models = relisted(modelFindings(ours, official), deviations.models);
  const operations = relisted(operationFindings(ours, official), deviations.operations);
  const examples = relisted(replays.findings, deviations.examples);
  writeDeviations({ ...deviations, models, operations, examples });
  const open = [...models, ...operations, ...examples].filter(({ reason }) => reason === '');
  process.stdout.write(`deviations.json: ${open.length} without a reason\n`);
}
