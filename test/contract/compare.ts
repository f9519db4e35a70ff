/**
 * All differences between our contract and the official one, gathered over the versions: each said once, with the
 * versions that it is found in.
 */
import type { Contract, Operation } from './operations.ts';
import { differences, type DocumentNode, shapeOf } from './shape.ts';

/** `Share properties.refreshDetails: is missing` → the versions. */
export type Findings = Map<string, string[]>;

/** Notes that `version` shows it. */
export function find(findings: Findings, what: string, version: string): void {
  const versions = findings.get(what) ?? [];
  if (!versions.includes(version)) findings.set(what, [...versions, version]);
}

/** The two contracts of each version, where an operation is in both. */
export function* commonOperations(
  ours: readonly Contract[],
  official: readonly Contract[],
): Generator<{
  readonly mine: Operation;
  readonly theirs: Operation;
  readonly one: Contract;
  readonly other: Contract;
}> {
  for (const other of official) {
    const one = ours.find((contract) => contract.version === other.version);
    if (one === undefined) continue;
    for (const theirs of other.operations.values()) {
      const mine = one.operations.get(theirs.id);
      if (mine !== undefined) yield { mine, theirs, one, other };
    }
  }
}

/** What the models differ in: bodies, answers and refusals of the operations that both have. */
export function modelFindings(ours: readonly Contract[], official: readonly Contract[]): Findings {
  const findings: Findings = new Map();
  for (const { mine, theirs, one, other } of commonOperations(ours, official)) {
    const pairs: [DocumentNode | undefined, DocumentNode | undefined][] = [
      [mine.body?.schema, theirs.body?.schema],
      [mine.refusal, theirs.refusal],
      ...[...theirs.answers].map(
        ([status, answer]): [DocumentNode | undefined, DocumentNode | undefined] => [
          mine.answers.get(status),
          answer,
        ],
      ),
    ];
    for (const [model, officialModel] of pairs) {
      if (model === undefined || officialModel === undefined) continue;
      const name = nameOf(officialModel) ?? theirs.id;
      if (nameOf(model) !== nameOf(officialModel)) {
        find(findings, `${name} is named ${nameOf(model) ?? 'nothing'}`, other.version);
      }
      const shape = shapeOf(officialModel, other.source);
      for (const difference of differences(shapeOf(model, one.source), shape)) {
        // What a page holds is compared where it is shown alone.
        if (!/^value\[\][.<]/.test(difference) || !isShownAlone(officialModel, other)) {
          find(findings, `${name} ${difference}`, other.version);
        }
      }
    }
  }
  return findings;
}

/** `Share` of a reference to it. */
const nameOf = (node: DocumentNode): string | undefined => node.$ref?.split('/').at(-1);

/** True for a list whose items some operation shows one by one. */
function isShownAlone(list: DocumentNode, contract: Contract): boolean {
  const items = contract.source.resolve(list.$ref ?? '').properties?.value?.items?.$ref;
  return [...contract.operations.values()].some((operation) =>
    [...operation.answers.values()].some((answer) => answer?.$ref === items),
  );
}

/** What the operations themselves differ in. */
export function operationFindings(
  ours: readonly Contract[],
  official: readonly Contract[],
): Findings {
  const findings: Findings = new Map();
  for (const { mine, theirs, other } of commonOperations(ours, official)) {
    for (const difference of operationDifferences(mine, theirs)) {
      find(findings, `${theirs.id} ${difference}`, other.version);
    }
  }
  for (const one of ours) {
    const other = official.find((contract) => contract.version === one.version);
    for (const id of one.operations.keys()) {
      if (other?.operations.has(id) !== true) {
        find(findings, `${id} is not in the contract`, one.version);
      }
    }
  }
  return findings;
}

function operationDifferences(mine: Operation, theirs: Operation): string[] {
  const found: string[] = [];
  const differ = (what: string, one?: string | boolean, other?: string | boolean): void => {
    const [text, otherText] = [String(one ?? 'none'), String(other ?? 'none')];
    if (text !== otherText) found.push(`${what}: ${text}, official ${otherText}`);
  };
  const query = ({ query: parameters }: Operation): string =>
    [...parameters].map(([name, isRequired]) => `${name}${isRequired ? '!' : ''}`).join(' ');
  const statuses = ({ answers }: Operation): string => [...answers.keys()].sort().join(' ');
  const withBody = ({ answers }: Operation): string =>
    [...answers]
      .filter(([, answer]) => answer !== undefined)
      .map(([status]) => status)
      .join(' ');
  differ('method', mine.method, theirs.method);
  differ('path', mine.path, theirs.path);
  differ('query', query(mine), query(theirs));
  differ('has a body', mine.body !== undefined, theirs.body !== undefined);
  if (mine.body !== undefined && theirs.body !== undefined) {
    differ('body is required', mine.body.isRequired, theirs.body.isRequired);
  }
  differ('statuses', statuses(mine), statuses(theirs));
  differ('statuses with a body', withBody(mine), withBody(theirs));
  differ('long-running', mine.isLongRunning, theirs.isLongRunning);
  differ('final state via', mine.finalStateVia, theirs.finalStateVia);
  differ('pageable', mine.isPageable, theirs.isPageable);
  return found;
}
