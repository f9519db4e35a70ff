import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadMasterKey, openAtRest, sealAtRest } from '#vault/at-rest.ts';

const ABOUT = '/subscriptions/s/users/u#encryptedPassword';
let root: string;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'edgetwin-vault-'));
});
after(() => rm(root, { recursive: true }));

test('what is sealed opens again, and looks different each time', async () => {
  const key = await loadMasterKey(undefined);
  for (const plain of ['', 'Pässword-1!', 'x'.repeat(5000)]) {
    const sealed = sealAtRest(plain, key, ABOUT);
    assert.deepEqual(openAtRest(sealed, key, ABOUT), { plain });
    assert.notEqual(sealed, sealAtRest(plain, key, ABOUT));
  }
});

test('another place, another key, a changed bit and a truncated text are refused', async () => {
  const key = await loadMasterKey(undefined);
  const sealed = sealAtRest('secret', key, ABOUT);
  const [layout, body] = sealed.split(':');
  const bytes = Buffer.from(body ?? '', 'base64');
  assert.ok('fault' in openAtRest(sealed, key, `${ABOUT}2`));
  assert.ok('fault' in openAtRest(sealed, await loadMasterKey(undefined), ABOUT));
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(at) ^ 128, at);
    assert.ok('fault' in openAtRest(`${layout}:${changed.toString('base64')}`, key, ABOUT));
  }
  const cut = bytes.subarray(0, 27).toString('base64');
  for (const text of ['', 'secret', body ?? '', `${layout}:`, `${layout}:${cut}`]) {
    assert.ok('fault' in openAtRest(text, key, ABOUT), text);
  }
});

test('a key is not shown in JSON', async () => {
  assert.equal(JSON.stringify({ key: await loadMasterKey(undefined) }), '{"key":{}}');
});

test('the key file is created once, readable for its owner only, and read again', async () => {
  const folder = join(root, 'new', 'data');
  const sealed = sealAtRest('secret', await loadMasterKey(folder), ABOUT);
  const written = await readFile(join(folder, 'vault.key'), 'utf8');
  assert.deepEqual(openAtRest(sealed, await loadMasterKey(folder), ABOUT), { plain: 'secret' });
  assert.equal(await readFile(join(folder, 'vault.key'), 'utf8'), written);
  assert.deepEqual(await readdir(folder), ['vault.key']);
  if (process.platform !== 'win32') {
    assert.equal((await stat(join(folder, 'vault.key'))).mode & 0o777, 0o600);
  }
});

test('processes that start at the same time get one key', async () => {
  const folder = join(root, 'race');
  const loaded = await Promise.all(Array.from({ length: 20 }, () => loadMasterKey(folder)));
  const [first] = loaded;
  assert.ok(first !== undefined && loaded.every((key) => key.equals(first)));
  assert.deepEqual(await readdir(folder), ['vault.key']);
});

test('a broken key file is an error and stays as it is', async () => {
  for (const content of ['', 'c2hvcnQ=', 'not a key']) {
    await writeFile(join(root, 'vault.key'), content);
    await assert.rejects(loadMasterKey(root), /not a master key.*backup/s);
    assert.equal(await readFile(join(root, 'vault.key'), 'utf8'), content);
  }
});
