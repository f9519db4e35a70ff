/**
 * Operation × version: which operations of the official contract are there, and which are not yet (`not-yet.json`). The
 * table of `docs/coverage.md` is made here.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contract } from './operations.ts';

const NOT_YET = join(import.meta.dirname, 'not-yet.json');
const TABLE = join(import.meta.dirname, '../../docs/coverage.md');

/** `Shares_Get 2023-12-01`. */
export type Cell = string;

export const notYet = (): Cell[] => JSON.parse(readFileSync(NOT_YET, 'utf8')) as Cell[];

export const tableAsWritten = (): string => readFileSync(TABLE, 'utf8');

export interface Coverage {
  readonly versions: readonly string[];
  /** In the order of their ids. */
  readonly operations: readonly string[];
  /** What a cell of the table says: there, missing, or undefined where the version has no such operation. */
  isCovered(operation: string, version: string): boolean | undefined;
  readonly missing: readonly Cell[];
  readonly total: number;
}

/** Compares by operation id, method and path: an operation under another path is not there. */
export function coverageOf(ours: readonly Contract[], official: readonly Contract[]): Coverage {
  const cells = new Map<Cell, boolean>();
  for (const { version, operations } of official) {
    const own = ours.find((contract) => contract.version === version);
    for (const { id, method, path } of operations.values()) {
      const mine = own?.operations.get(id);
      cells.set(`${id} ${version}`, mine?.method === method && mine.path === path);
    }
  }
  const ids = official.flatMap(({ operations }) => [...operations.keys()]);
  return {
    versions: official.map(({ version }) => version),
    operations: [...new Set(ids)].sort(),
    isCovered: (operation, version) => cells.get(`${operation} ${version}`),
    missing: [...cells]
      .filter(([, isThere]) => !isThere)
      .map(([cell]) => cell)
      .sort(),
    total: cells.size,
  };
}

/** The document, as it must stand in `docs/`. */
export function tableOf(coverage: Coverage): string {
  const { versions, operations, missing, total } = coverage;
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const mark = (operation: string, version: string): string => {
    const isThere = coverage.isCovered(operation, version);
    if (isThere === undefined) return '';
    return isThere ? '✓' : '✗';
  };
  return [
    '# Coverage of the official contract',
    '',
    'Written by `npm run contract` from the official documents and our own; `test/contract/coverage.test.ts` holds it.',
    '✓ is there, ✗ is not there yet, blank: the api-version has no such operation.',
    '',
    `${total - missing.length} of ${total} operations (${operations.length} operations in ${versions.length} api-versions).`,
    '',
    row(['operation', ...versions]),
    row(['---', ...versions.map(() => ':-:')]),
    ...operations.map((operation) =>
      row([`\`${operation}\``, ...versions.map((version) => mark(operation, version))]),
    ),
    '',
  ].join('\n');
}

export function writeCoverage(coverage: Coverage): void {
  writeFileSync(NOT_YET, `${JSON.stringify(coverage.missing, null, 2)}\n`);
  writeFileSync(TABLE, tableOf(coverage));
}
