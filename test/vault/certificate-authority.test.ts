import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { days, type Instant, plus, wallNow } from '#shared/instant.ts';
import { Database } from '#store/database.ts';
import { loadMasterKey } from '#vault/at-rest.ts';
import { CertificateAuthority, AUTHORITY_FILE } from '#vault/certificate-authority.ts';
import { Vault } from '#vault/vault.ts';
import { temporaryFolder } from '../support/process.ts';

const NAMES = ['localhost', '127.0.0.1', '::1', 'edgetwin.example'];

async function newVault(t: TestContext): Promise<Vault> {
  const database = await Database.open(':memory:');
  t.after(async () => database.close());
  return new Vault(database, await loadMasterKey(undefined), wallNow);
}

const authorityAt = (
  vault: Vault,
  now: Instant,
  more: { names?: readonly string[]; folder?: string } = {},
): CertificateAuthority =>
  new CertificateAuthority({ vault, names: NAMES, folder: undefined, now: () => now, ...more });

const leafOf = async (authority: CertificateAuthority): Promise<X509Certificate> =>
  new X509Certificate((await authority.serverPair()).certificate);

describe('the authority', () => {
  test('issues what strict clients accept: names, purposes, key ids, terms', async (t) => {
    const now = wallNow();
    const authority = authorityAt(await newVault(t), now);
    const issuer = new X509Certificate(await authority.certificate());
    const pair = await authority.serverPair();
    const server = new X509Certificate(pair.certificate);
    assert.ok(issuer.ca && issuer.verify(issuer.publicKey));
    assert.ok(!server.ca && server.checkIssued(issuer) && server.verify(issuer.publicKey));
    assert.ok(pair.certificate.endsWith(await authority.certificate()), 'the chain is whole');
    assert.match(pair.privateKey, /^-----BEGIN PRIVATE KEY-----/);
    for (const name of ['localhost', 'edgetwin.example'])
      assert.equal(server.checkHost(name), name);
    for (const address of ['127.0.0.1', '::1']) assert.ok(server.checkIP(address));
    assert.equal(server.checkHost('example.com'), undefined);
    assert.deepEqual(server.keyUsage, ['1.3.6.1.5.5.7.3.1']);
    const term = (server.validToDate.getTime() - server.validFromDate.getTime()) / days(1);
    assert.ok(term < 398, 'longer ones are refused by browsers');
    assert.ok(issuer.validToDate > server.validToDate);
  });

  test('stays the same over restarts, like the certificate that it issued', async (t) => {
    const vault = await newVault(t);
    const first = authorityAt(vault, wallNow());
    const again = authorityAt(vault, plus(wallNow(), days(300)));
    assert.equal(await again.certificate(), await first.certificate());
    assert.deepEqual(await again.serverPair(), await first.serverPair());
  });

  test('replaces its certificate in time or for another name, and itself before it expires', async (t) => {
    const vault = await newVault(t);
    const now = wallNow();
    const first = authorityAt(vault, now);
    const pem = await first.certificate();
    const before = await leafOf(first);
    const later = authorityAt(vault, plus(now, days(370)));
    const renewed = await leafOf(later);
    assert.notEqual(renewed.serialNumber, before.serialNumber);
    assert.equal(await later.certificate(), pem);
    const names = [...NAMES, 'new.example'];
    const named = await leafOf(authorityAt(vault, plus(now, days(371)), { names }));
    assert.equal(named.checkHost('new.example'), 'new.example');
    const old = authorityAt(vault, plus(now, days(3600)));
    const issuer = new X509Certificate(await old.certificate());
    assert.notEqual(await old.certificate(), pem);
    assert.ok((await leafOf(old)).verify(issuer.publicKey));
  });

  test('is in the data folder for clients, and is written again where it was changed', async (t) => {
    const vault = await newVault(t);
    const folder = await temporaryFolder(t);
    const file = join(folder, AUTHORITY_FILE);
    const pem = await authorityAt(vault, wallNow(), { folder }).certificate();
    assert.equal(await readFile(file, 'utf8'), pem);
    await writeFile(file, 'another');
    await authorityAt(vault, wallNow(), { folder }).serverPair();
    assert.equal(await readFile(file, 'utf8'), pem);
  });

  test('is one, however many processes create it at the same time', async (t) => {
    const vault = await newVault(t);
    const all = Array.from({ length: 4 }, () => authorityAt(vault, wallNow()));
    const pairs = await Promise.all(all.map(async (authority) => authority.serverPair()));
    assert.equal(new Set(pairs.map(({ certificate }) => certificate)).size, 1);
    assert.equal(new Set(await Promise.all(all.map(async (a) => a.certificate()))).size, 1);
  });
});
