/** Secrets in stored bodies: they open where they belong, also after a move, and also where an earlier version sealed them. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import { loadMasterKey, type MasterKey, openAtRest, sealAtRest } from '#vault/at-rest.ts';
import { bindingOf, type StoredSecret } from '#vault/stored-secrets.ts';
import { DEVICE, GROUP } from '../support/arm-client.ts';
import { CONNECTION, IOT_ROLE, PASSWORD, USER } from '../support/bodies.ts';
import { temporaryFolder } from '../support/process.ts';
import { startService } from '../support/service.ts';

type Service = Awaited<ReturnType<typeof startService>>;

const TARGET = GROUP.replace('GroupForEdgeAutomation', 'Other');
const MOVED = DEVICE.replace('GroupForEdgeAutomation', 'Other');
const PASSWORD_PATH = 'properties.encryptedPassword';
const IOT_PATH = 'properties.ioTDeviceDetails.authentication.symmetricKey.connectionString';

async function rowOf({ service }: Service, id: string) {
  return await service.database.reader
    .selectFrom('resources')
    .selectAll()
    .where('key', '=', id.toLowerCase())
    .executeTakeFirstOrThrow();
}

/** The text at `path` in the stored body of `id`, as it is sealed. */
async function sealedAt(arm: Service, id: string, path: string): Promise<string> {
  const { body } = await rowOf(arm, id);
  let value: Json = JSON.parse(body) as JsonObject;
  for (const name of path.split('.')) value = (value as JsonObject)[name]!;
  return (value as unknown as StoredSecret).sealed;
}

/** The secret at `path` of `id`, opened with what belongs to that place. */
async function opened(
  arm: Service,
  masterKey: MasterKey,
  { device, id, path }: { device: string; id: string; path: string },
) {
  const { key, incarnation } = await rowOf(arm, device);
  const binding = bindingOf({ key, incarnation }, id.toLowerCase(), path);
  return openAtRest(await sealedAt(arm, id, path), masterKey, binding);
}

async function moveDevice(arm: Service): Promise<void> {
  await arm.put(`${TARGET}?api-version=2021-04-01`, { location: 'eastus' }, 201);
  const body = { targetResourceGroup: TARGET, resources: [DEVICE] };
  await arm.accepted('post', `${GROUP}/moveResources?api-version=2021-04-01`, body);
  await arm.advance(minutes(3));
  await arm.get(MOVED);
}

async function startInFolder(t: TestContext) {
  const folder = await temporaryFolder(t);
  const start = async (): Promise<Service> => await startService(t, { EDGETWIN_DATA: folder });
  return { start, masterKey: await loadMasterKey(folder) };
}

test('the secrets of a device’s resources open after it has moved', async (t) => {
  const { start, masterKey } = await startInFolder(t);
  const arm = await start();
  await arm.activeDevice();
  await arm.done('put', `${DEVICE}/users/anna`, USER);
  await arm.done('put', `${DEVICE}/roles/iot`, IOT_ROLE);
  const places = [
    ['/users/anna', PASSWORD_PATH, PASSWORD],
    ['/roles/iot', IOT_PATH, CONNECTION],
  ] as const;
  for (const [name, path, plain] of places) {
    const place = { device: DEVICE, id: DEVICE + name, path };
    assert.deepEqual(await opened(arm, masterKey, place), { plain }, name);
  }
  await moveDevice(arm);
  for (const [name, path, plain] of places) {
    const place = { device: MOVED, id: MOVED + name, path };
    assert.deepEqual(await opened(arm, masterKey, place), { plain }, name);
  }
});

test('a secret opens at its own place only, and not for a new device of the same name', async (t) => {
  const { start, masterKey } = await startInFolder(t);
  const arm = await start();
  await arm.activeDevice();
  await arm.done('put', `${DEVICE}/users/anna`, USER);
  const sealed = await sealedAt(arm, `${DEVICE}/users/anna`, PASSWORD_PATH);
  const device = await rowOf(arm, DEVICE);
  const user = `${device.key}/users/anna`;
  for (const binding of [
    bindingOf(device, `${device.key}/users/bert`, PASSWORD_PATH),
    bindingOf(device, user, 'properties.other'),
    bindingOf({ ...device, incarnation: 'another' }, user, PASSWORD_PATH),
    `${user}/${PASSWORD_PATH}`,
  ]) {
    assert.ok('fault' in openAtRest(sealed, masterKey, binding), binding);
  }
});

test('secrets that an earlier version sealed to keys open, also after a move', async (t) => {
  const { start, masterKey } = await startInFolder(t);
  const earlier = await start();
  await earlier.activeDevice();
  const user = `${DEVICE}/users/anna`;
  await earlier.done('put', user, USER);
  await earlier.accepted('put', `${DEVICE}/users/bert`, USER);
  await sealToKeys(earlier, masterKey);
  await earlier.service.close();

  const arm = await start();
  const anna = { device: DEVICE, id: user, path: PASSWORD_PATH };
  assert.deepEqual(await opened(arm, masterKey, anna), { plain: PASSWORD });
  // The operation was accepted by the earlier version, and ends under this one.
  await arm.advance(minutes(5));
  const bert = { ...anna, id: `${DEVICE}/users/bert` };
  assert.deepEqual(await opened(arm, masterKey, bert), { plain: PASSWORD });
  const sealed = await sealedAt(arm, user, PASSWORD_PATH);
  await arm.service.close();
  const later = await start();
  assert.equal(await sealedAt(later, user, PASSWORD_PATH), sealed, 'sealed anew once only');
  await moveDevice(later);
  const moved = { device: MOVED, id: `${MOVED}/users/anna`, path: PASSWORD_PATH };
  assert.deepEqual(await opened(later, masterKey, moved), { plain: PASSWORD });
});

/** Makes the database look as an earlier version left it: users' passwords sealed to ARM keys. */
async function sealToKeys({ service }: Service, masterKey: MasterKey): Promise<void> {
  const former = (body: string, key: string): string => {
    const { properties, ...rest } = JSON.parse(body) as { properties: JsonObject };
    const sealed = sealAtRest(PASSWORD, masterKey, `${key}/${PASSWORD_PATH}`);
    return JSON.stringify({
      ...rest,
      properties: { ...properties, encryptedPassword: { sealed } },
    });
  };
  await service.database.write(async (writer) => {
    const users = await writer
      .selectFrom('resources')
      .select(['key', 'body'])
      .where('type', 'like', '%/users')
      .execute();
    for (const { key, body } of users) {
      const set = { body: former(body, key) };
      await writer.updateTable('resources').set(set).where('key', '=', key).execute();
    }
    const running = await writer
      .selectFrom('operations')
      .select(['id', 'resource_key', 'input'])
      .where('status', '=', 'Running')
      .execute();
    assert.equal(running.length, 1);
    for (const { id, resource_key: key, input } of running) {
      const set = { input: former(input, key) };
      await writer.updateTable('operations').set(set).where('id', '=', id).execute();
    }
    await writer.deleteFrom('world').where('name', '=', 'secret-binding').execute();
  });
}
