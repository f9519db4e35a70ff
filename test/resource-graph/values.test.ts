import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparisonOf, fitsPattern } from '#resource-graph/query/values.ts';

test('has finds whole terms only', () => {
  const has = comparisonOf('has');
  const cases: readonly (readonly [text: string, term: string, found: boolean])[] = [
    ['/resourceGroups/Lab/providers', 'lab', true],
    ['/resourceGroups/Lab1/providers', 'lab', false],
    ['lab1 lab', 'lab', true],
    ['lablab', 'lab', false],
    ['alab lab-1', 'lab', true],
    ['a-b-c', 'b-c', true],
    ['a-b-cd', 'b-c', false],
    ['--a --', '--', true],
    ['', 'lab', false],
    ['lab', '', true],
    [`${'a'.repeat(100_000)} a`, 'a', true],
    ['a'.repeat(100_000), 'a'.repeat(30_000), false],
  ];
  for (const [text, term, found] of cases) {
    assert.equal(has(text, term), found, `${text.slice(0, 40)} has ${term.slice(0, 40)}`);
  }
});

test('names fit patterns with asterisks', () => {
  const cases: readonly (readonly [name: string, pattern: string, fits: boolean])[] = [
    ['tags', 'tags', true],
    ['tags', 'tag', false],
    ['tags', 't*', true],
    ['tags', '*s', true],
    ['tags', 't*g*s', true],
    ['tags', 't*s*s', false],
    ['tags', '*', true],
    ['tags', 'tags*tags', false],
    ['aa', 'a*a', true],
    ['a', 'a*a', false],
    ['a'.repeat(10_000), `${'*a'.repeat(5_000)}*b`, false],
  ];
  for (const [name, pattern, fits] of cases) {
    assert.equal(fitsPattern(name, pattern), fits, `${name.slice(0, 20)} ${pattern.slice(0, 20)}`);
  }
});
