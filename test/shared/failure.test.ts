import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Failure, readFailure } from '#shared/failure.ts';

test('a stored failure comes back as it was', () => {
  const failure: Failure = {
    kind: 'conflict',
    code: 'GatewayUserErrorOperationInProgress',
    message: 'Busy.',
    details: [{ code: 'A', message: 'b', target: 'c' }],
  };
  assert.deepEqual(readFailure(JSON.stringify(failure)), failure);
});

test('a failure that was stored without a kind gets one', () => {
  const message = 'Stored by an older release.';
  for (const [code, kind] of [
    ['InternalServerError', 'internal'],
    ['GatewayUserErrorInvalidState', 'invalid'],
  ] as const) {
    assert.deepEqual(readFailure(JSON.stringify({ code, message })), { code, message, kind });
  }
});
