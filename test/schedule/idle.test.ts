/** Rest comes once after each spell of work, and not in between, nor after itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whenIdle } from '#schedule/idle.ts';

test('rest comes once after each spell of work', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  // After the second and the sixth look comes what the rest itself took.
  const shares = [0.9, 0.01, 0.5, 0.02, 0.2, 0.06, 0, 0.5, 0];
  const rested: number[] = [];
  let look = 0;
  whenIdle(
    () => rested.push(look),
    () => shares[look++] ?? 0,
  );
  for (const _ of shares) t.mock.timers.tick(1000);
  assert.deepEqual(rested, [2, 7]);
});
