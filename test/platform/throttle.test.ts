import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { instant, plus, seconds } from '#shared/instant.ts';
import { RefusedError } from '#shared/failure.ts';
import { readThrottleLimit, Throttle } from '#platform/throttle.ts';
import { DEVICE, SUBSCRIPTION } from '../support/arm-client.ts';
import { startService } from '../support/service.ts';
import { startRequiring } from '../support/sign-in.ts';

const READS = 'x-ms-ratelimit-remaining-subscription-reads';
const CALL = { method: 'GET', subscriptionId: SUBSCRIPTION, actor: 'a' };

describe('the limit', () => {
  test('counts down, refuses, and starts again when its span is over', () => {
    let now = instant(0);
    const throttle = new Throttle({ calls: 2, span: seconds(10) }, () => now);
    assert.deepEqual(throttle.take(CALL), [READS, '1']);
    now = plus(now, seconds(3.5));
    assert.deepEqual(throttle.take(CALL), [READS, '0']);
    assert.throws(
      () => throttle.take(CALL),
      (error: RefusedError) =>
        error.status === 429 &&
        error.headers['retry-after'] === '7' &&
        error.failure.message ===
          `Number of 'read' requests for subscription '${SUBSCRIPTION}' actor 'a' exceeded. Please try again after '7' seconds.`,
    );
    now = plus(now, seconds(6.5));
    assert.deepEqual(throttle.take(CALL), [READS, '1']);
  });

  test('applies to each kind, subscription and caller separately', () => {
    const throttle = new Throttle({ calls: 1, span: seconds(60) }, () => instant(0));
    for (const other of [
      CALL,
      { ...CALL, method: 'PUT' },
      { ...CALL, method: 'DELETE' },
      { ...CALL, actor: 'b' },
      { ...CALL, subscriptionId: 'another' },
      { ...CALL, subscriptionId: undefined },
    ]) {
      throttle.take(other);
      assert.throws(() => throttle.take(other));
    }
    // A HEAD is a read, a POST a write.
    assert.throws(() => throttle.take({ ...CALL, method: 'HEAD' }));
    assert.throws(() => throttle.take({ ...CALL, method: 'POST' }));
  });

  test('has bounded memory', () => {
    const throttle = new Throttle({ calls: 1, span: seconds(60) }, () => instant(0));
    for (let count = 0; count < 25_000; count++) {
      throttle.take({ ...CALL, subscriptionId: String(count) });
    }
  });

  test('is written as calls, or as calls and seconds', () => {
    assert.deepEqual(readThrottleLimit('100'), { calls: 100, span: seconds(60) });
    assert.deepEqual(readThrottleLimit('5/10'), { calls: 5, span: seconds(10) });
    for (const text of ['0', '-1', '1.5', '5/0', '5/', '/5', 'x', '5/1/1']) {
      assert.equal(readThrottleLimit(text), undefined, text);
    }
  });
});

describe('at the door', () => {
  test('a caller that calls too often must wait, and others need not', async (t) => {
    const { owner, reader, anonymous } = await startRequiring(t, { EDGETWIN_THROTTLE: '2/1000' });
    const url = `/subscriptions/${SUBSCRIPTION}`;
    const left = async (): Promise<unknown> => (await reader.call('get', url)).headers[READS];
    assert.deepEqual([await left(), await left()], ['1', '0']);
    const { status, headers, body } = await reader.call('get', url);
    assert.deepEqual([status, body.error.code], [429, 'SubscriptionRequestsThrottled']);
    assert.ok(Number(headers['retry-after']) > 900 && Number(headers['retry-after']) <= 1000);
    await owner.get(url);
    await reader.get('/subscriptions');
    await anonymous.refused('get', url, 401);
    for (let count = 0; count < 5; count++) await anonymous.get('/health/live');
  });

  test('without a limit the numbers are those of the recordings', async (t) => {
    const arm = await startService(t);
    await arm.device();
    for (let count = 0; count < 3; count++) {
      assert.equal((await arm.call('get', DEVICE)).headers[READS], '1099');
    }
  });

  test('in an open service all callers count as one; control is not counted', async (t) => {
    const arm = await startService(t, { EDGETWIN_THROTTLE: '1' });
    await arm.get(`/subscriptions/${SUBSCRIPTION.toUpperCase()}`);
    const { code, message } = await arm.refused('get', `//subscriptions/${SUBSCRIPTION}`, 429);
    assert.equal(code, 'SubscriptionRequestsThrottled');
    assert.match(message, /actor '00000000-0000-0000-0000-000000000000'/);
    for (let count = 0; count < 3; count++) await arm.get('/_edgetwin/clock');
  });
});
