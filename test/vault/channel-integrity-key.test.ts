import assert from 'node:assert/strict';
import { createCipheriv, createHmac } from 'node:crypto';
import { test } from 'node:test';
import {
  newChannelIntegrityKey,
  openWithChannelIntegrityKey,
  sealWithChannelIntegrityKey,
} from '#vault/channel-integrity-key.ts';

/** PBKDF2 from HMAC, so that the test does not repeat the code's own call. */
function deriveKey(cik: string): Buffer {
  const hmac = (data: Buffer): Buffer => createHmac('sha1', cik).update(data).digest();
  const blocks = [1, 2].map((number) => {
    const index = Buffer.alloc(4);
    index.writeUInt32BE(number);
    let round = hmac(Buffer.concat([Buffer.from('o6806642kbM7c5'), index]));
    const sum = Buffer.from(round);
    for (let count = 1; count < 1000; count++) {
      round = hmac(round);
      for (let at = 0; at < sum.length; at++)
        sum.writeUInt8(sum.readUInt8(at) ^ round.readUInt8(at), at);
    }
    return sum;
  });
  return Buffer.concat(blocks).subarray(0, 32);
}

test('a key is 128 characters of base64 and never the same twice', () => {
  const key = newChannelIntegrityKey();
  assert.match(key, /^[A-Za-z0-9+/]{128}$/);
  assert.notEqual(key, newChannelIntegrityKey());
});

test('what is sealed opens again, and looks different each time', () => {
  const key = newChannelIntegrityKey();
  for (const plain of ['', 'MIIC', 'ü€𝄞', 'x'.repeat(4000)]) {
    const sealed = sealWithChannelIntegrityKey(plain, key);
    assert.deepEqual(openWithChannelIntegrityKey(sealed, key), { plain });
    assert.notEqual(sealed, sealWithChannelIntegrityKey(plain, key));
  }
});

test('the layout is the SDK’s: a text sealed by an independent writer opens', () => {
  const key = newChannelIntegrityKey();
  const iv = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
  const cipher = createCipheriv('aes-256-cbc', deriveKey(key), iv);
  const body = [Buffer.from([16, 0, 0, 0]), iv, cipher.update('certificate'), cipher.final()];
  const sealed = Buffer.concat(body).toString('base64');
  assert.deepEqual(openWithChannelIntegrityKey(sealed, key), { plain: 'certificate' });
});

test('another key, a truncated text and text that is not base64 are refused without quoting anything', () => {
  const key = newChannelIntegrityKey();
  const sealed = sealWithChannelIntegrityKey('certificate', key);
  const bytes = Buffer.from(sealed, 'base64');
  const longIv = Buffer.from(bytes);
  longIv.writeInt32LE(2_000_000_000);
  const refused = [
    'not base64!',
    '',
    bytes.subarray(0, 19).toString('base64'),
    bytes.subarray(0, 20).toString('base64'),
    bytes.subarray(0, -1).toString('base64'),
    longIv.toString('base64'),
  ];
  for (const text of refused) {
    assert.ok('fault' in openWithChannelIntegrityKey(text, key), text);
  }
  // One padding in 256 is right by chance, so with another key the promise is only: not this text, and no throw.
  for (let count = 0; count < 20; count++) {
    assert.notDeepEqual(openWithChannelIntegrityKey(sealed, newChannelIntegrityKey()), {
      plain: 'certificate',
    });
  }
});
