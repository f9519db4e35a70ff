import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, isSecretOf, newSecret } from '#vault/digest.ts';

test('a digest matches its secret and no other', () => {
  for (const secret of ['', 'a', 'Pässword:1!', newSecret()]) {
    const digest = digestOf(secret);
    assert.ok(isSecretOf(secret, digest));
    assert.ok(!isSecretOf(`${secret} `, digest));
    assert.ok(secret === '' || !digest.includes(secret) || secret === 'a');
  }
});

test('new secrets differ, and need no escaping', () => {
  const made = Array.from({ length: 50 }, () => newSecret());
  assert.equal(new Set(made).size, 50);
  assert.ok(made.every((secret) => /^[\w-]{43}$/.test(secret)));
});
