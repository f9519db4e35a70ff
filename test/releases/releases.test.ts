/**
 * What earlier releases have stored: each opens with the present code and shows what its release showed of it, but for what was wrong
 * there (`corrections.ts`); what was under way
 * comes to its end, its secrets open, and it takes new resources. One folder a release, written by `make-world.ts`.
 */
import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { migrateStore } from '#src/migrate-store.ts';
import { findResource } from '#store/resources.ts';
import { loadMasterKey } from '#vault/at-rest.ts';
import { bindingOf } from '#vault/stored-secrets.ts';
import { Vault } from '#vault/vault.ts';
import { present } from '#shared/assert.ts';
import { hours } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { DEVICE, propertiesOf } from '../support/arm-client.ts';
import { PASSWORD, USER } from '../support/bodies.ts';
import { ownSchema, runningPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/process.ts';
import { startService } from '../support/service.ts';
import { corrected } from './corrections.ts';
import { CONNECTED, RUNNING_DEPLOYMENT, RUNNING_ROLE, seenAt, THIRD } from './world.ts';

const postgres = await runningPostgres();
const FOLDER = import.meta.dirname;
const RELEASES = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** What the release left, in a folder of the test's own. */
async function unpacked(t: TestContext, release: string): Promise<string> {
  const folder = await temporaryFolder(t);
  await mkdir(folder, { recursive: true });
  const packed = await readFile(join(FOLDER, release, 'edgetwin.sqlite.gz'));
  await writeFile(join(folder, 'edgetwin.sqlite'), gunzipSync(packed));
  await copyFile(join(FOLDER, release, 'vault.key'), join(folder, 'vault.key'));
  return folder;
}

/** Opens what lies at `environment`'s place, and goes through all of the above. */
async function goesOn(
  t: TestContext,
  {
    release,
    keyFolder,
    environment,
  }: {
    readonly release: string;
    readonly keyFolder: string;
    readonly environment: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const arm = await startService(t, environment);
  const then = JSON.parse(await readFile(join(FOLDER, release, 'seen.json'), 'utf8')) as JsonObject;
  const now = await seenAt(arm, Object.keys(then));
  for (const [url, answer] of Object.entries(then)) {
    assert.deepEqual(now[url], corrected(answer ?? null), url);
  }

  const { database, clock } = arm.service;
  const vault = new Vault(database, await loadMasterKey(keyFolder), () => clock.now());
  const key = `${DEVICE}/users/anna`.toLowerCase();
  const user = await findResource(database, key);
  const { sealed } = propertiesOf(user?.body ?? {}).encryptedPassword as { sealed: string };
  const device = present(await findResource(database, DEVICE.toLowerCase()), 'the device');
  const binding = bindingOf(device, key, 'properties.encryptedPassword');
  assert.equal(vault.unseal(sealed, binding), PASSWORD);

  await arm.advance(hours(2));
  assert.equal(propertiesOf(await arm.get(RUNNING_ROLE)).provisioningState, 'Created');
  assert.equal(propertiesOf(await arm.get(RUNNING_DEPLOYMENT)).provisioningState, 'Succeeded');
  await arm.get(`${DEVICE}/users/carl`);
  assert.equal(propertiesOf(await arm.get(CONNECTED)).connectivityStatus, 'Connected');

  await arm.done('put', `${THIRD}/users/dora`, USER);
  await arm.activeDevice({}, DEVICE.replace(/edge1$/, 'edge9'));
}

for (const release of RELEASES) {
  void test(`the world of release ${release} opens and goes on [sqlite]`, async (t) => {
    const folder = await unpacked(t, release);
    await goesOn(t, { release, keyFolder: folder, environment: { EDGETWIN_DATA: folder } });
  });

  const skipped = 'skip' in postgres ? { skip: postgres.skip } : {};
  void test(
    `the world of release ${release} moves to PostgreSQL and goes on there`,
    skipped,
    async (t) => {
      if ('skip' in postgres) return;
      const folder = await unpacked(t, release);
      const DATABASE_URL = await ownSchema(t, postgres.url);
      await migrateStore(folder, DATABASE_URL, { data: folder, masterKey: undefined });
      const environment = { EDGETWIN_DATA: folder, DATABASE_URL };
      await goesOn(t, { release, keyFolder: folder, environment });
    },
  );
}
