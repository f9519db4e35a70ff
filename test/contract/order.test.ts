import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeclaredOperation, DeclaredOperations } from '#arm/declaration.ts';
import { definitions } from '#resources/index.ts';
import { absence, officialContracts } from './official.ts';

/** Only the oldest version has it, at its end; with us it is beside its successor, availableSkus. */
const ELSEWHERE = 'skus';

function idsOf({ list, get, put, patch, delete: remove, actions }: DeclaredOperations): string[] {
  const declared: (DeclaredOperation | undefined)[] = [list, list?.bySubscription, get, put, patch];
  return [...declared, remove, ...Object.values(actions ?? {})].flatMap((one) => one?.id ?? []);
}

test('the types are in the order of the official contract, in every version', {
  skip: absence,
}, () => {
  for (const { version, operations } of officialContracts()) {
    const order = [...operations.keys()];
    const firsts = definitions
      .filter(({ type }) => type !== ELSEWHERE)
      .map(({ type, operations: declared }) => ({
        type,
        at: order.findIndex((id) => idsOf(declared).includes(id)),
      }))
      .filter(({ at }) => at !== -1);
    assert.ok(firsts.length > 10, version);
    const sorted = firsts.toSorted((a, b) => a.at - b.at);
    assert.deepEqual(
      firsts.map(({ type }) => type),
      sorted.map(({ type }) => type),
      version,
    );
  }
});
