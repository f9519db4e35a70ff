import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clausesOf, filterValues } from '#arm/filter-clauses.ts';
import { RefusedError } from '#shared/failure.ts';

const GRAMMAR = {
  fields: ['name', 'properties/state'],
  comparisons: ['equals', 'differs', 'contains'],
  functions: ['atscope', 'assignedto'],
} as const;

/** Where the filter cannot be read. */
function refusedAt(text: string, grammar = {}): string | undefined {
  try {
    clausesOf(text, grammar);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof RefusedError);
    return /cannot be read at '(.*)'\.$/s.exec(error.failure.message)?.[1];
  }
}

test('reads comparisons and functions, whatever their case, and texts as they are written', () => {
  assert.deepEqual(
    clausesOf(
      "NAME eq 'O''Neil and Sons' and substringof('x', properties/State) AND name NE '' and atScope() and assignedTo('A')",
      GRAMMAR,
    ),
    [
      { field: 'name', comparison: 'equals', text: "O'Neil and Sons" },
      { field: 'properties/state', comparison: 'contains', text: 'x' },
      { field: 'name', comparison: 'differs', text: '' },
      { field: 'atscope', comparison: 'call', text: '' },
      { field: 'assignedto', comparison: 'call', text: 'A' },
    ],
  );
  assert.deepEqual(filterValues("name eq 'a' and atScope()", GRAMMAR), { name: 'a', atscope: '' });
});

test('nothing is asked by an empty filter, and by none', () => {
  for (const text of [undefined, '', '  ', 7]) assert.deepEqual(clausesOf(text, GRAMMAR), []);
});

test('what the list does not know is refused at the clause that says it', () => {
  assert.equal(refusedAt("name eq 'a' and size eq '1'", GRAMMAR), "size eq '1'");
  assert.equal(refusedAt("name eq 'a' or name eq 'b'", GRAMMAR), "name eq 'a' or name eq 'b'");
  assert.equal(refusedAt("name eq 'a' and ", GRAMMAR), '');
  assert.equal(refusedAt('name gt 1', GRAMMAR), 'name gt 1');
  assert.equal(refusedAt('below()', GRAMMAR), 'below()');
  assert.equal(refusedAt("name ne 'a'", { fields: ['name'] }), "name ne 'a'");
  assert.equal(refusedAt('atScope()', { fields: ['atscope'] }), 'atScope()');
});
