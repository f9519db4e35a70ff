/** Rest comes after each spell of work, and neither in between nor for its own sake. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whenIdle } from '#schedule/idle.ts';

test('rest comes at the end of each spell of work and once soon after', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const WORK = 0.9;
  // What a rest itself takes is asked for right after it.
  const shares = [
    ...[WORK, 0.01, 0.02, 0.03, 0.04, 0.5, 0, 0, 0.5, 0, 0],
    // A pause is no rest, and a little work in one look is none after which to wait again.
    ...[WORK, 0, 0, 0, WORK, 0, 0.15, 0, 0, 0.5],
    WORK,
  ];
  const rested: number[] = [];
  let look = 0;
  whenIdle(
    () => rested.push(look),
    () => shares[look++] ?? 0,
  );
  for (const _ of shares) t.mock.timers.tick(500);
  assert.deepEqual(rested, [5, 8, 20]);
});
