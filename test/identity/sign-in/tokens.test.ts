import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { describe, test } from 'node:test';
import { SignJWT } from 'jose';
import { minutes, plus, seconds, wallNow } from '#shared/instant.ts';
import { Database } from '#store/database.ts';
import { loadMasterKey } from '#vault/at-rest.ts';
import { Vault } from '#vault/vault.ts';
import { Tokens } from '#identity/sign-in/tokens.ts';

const CLAIMS = { aud: 'https://management.azure.com', oid: 'o', appid: 'a' };

async function newVault(test: { after: (end: () => Promise<void>) => void }): Promise<Vault> {
  const database = await Database.open(':memory:');
  test.after(async () => database.close());
  return new Vault(database, await loadMasterKey(undefined), wallNow);
}

describe('a token', () => {
  test('is valid until it expires, to the second, and not before it was issued', async (t) => {
    let now = wallNow();
    const tokens = new Tokens(await newVault(t), () => now);
    const token = await tokens.issue(CLAIMS, minutes(10));
    const good = await tokens.verify(token);
    assert.ok('claims' in good);
    assert.equal(good.claims.oid, 'o');
    now = plus(now, seconds(10 * 60 - 2));
    assert.ok('claims' in (await tokens.verify(token)));
    now = plus(now, seconds(3));
    const late = await tokens.verify(token);
    assert.ok('fault' in late && late.fault === 'expired');
    assert.equal(late.expiredAt, (good.claims.exp ?? 0) * 1000);
    now = plus(now, minutes(-60));
    assert.deepEqual(await tokens.verify(token), { fault: 'invalid' });
  });

  test('is valid for every process on the same data, and for no other', async (t) => {
    const vault = await newVault(t);
    const token = await new Tokens(vault, wallNow).issue(CLAIMS, minutes(1));
    assert.ok('claims' in (await new Tokens(vault, wallNow).verify(token)));
    const other = new Tokens(await newVault(t), wallNow);
    assert.deepEqual(await other.verify(token), { fault: 'invalid' });
  });

  test('is invalid where its text or algorithm was changed', async (t) => {
    const tokens = new Tokens(await newVault(t), wallNow);
    const token = await tokens.issue(CLAIMS, minutes(1));
    const [head = '', body = '', signature = ''] = token.split('.');
    const text = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
    const more = { ...CLAIMS, oid: 'another', exp: Math.floor(wallNow() / 1000) + 60 };
    const { keys } = (await tokens.keySet()) as { keys: { n: string }[] };
    // What a checker takes that lets the token choose how it is checked.
    const publicKeyAsSecret = await new SignJWT(more)
      .setProtectedHeader({ alg: 'HS256' })
      .sign(createSecretKey(Buffer.from(keys[0]?.n ?? '', 'base64url')));
    for (const forged of [
      '',
      'x',
      'a.b.c',
      `${head}.${text(more)}.${signature}`,
      `${text({ alg: 'none' })}.${text(more)}.`,
      `${head}.${body}.`,
      `${head}.${body}`,
      publicKeyAsSecret,
    ]) {
      assert.deepEqual(await tokens.verify(forged), { fault: 'invalid' }, forged.slice(0, 40));
    }
  });

  test('is invalid without an audience, an expiry or an object id', async (t) => {
    const tokens = new Tokens(await newVault(t), wallNow);
    for (const claims of [{ oid: 'o' }, { aud: 'a' }]) {
      const token = await tokens.issue(claims, minutes(1));
      assert.deepEqual(await tokens.verify(token), { fault: 'invalid' });
    }
  });

  test('is signed with one key, also when several are issued at the same time', async (t) => {
    const vault = await newVault(t);
    const all = Array.from({ length: 3 }, () => new Tokens(vault, wallNow));
    const sets = await Promise.all(all.map(async (tokens) => tokens.keySet()));
    assert.equal(new Set(sets.map((set) => JSON.stringify(set))).size, 1);
  });
});
