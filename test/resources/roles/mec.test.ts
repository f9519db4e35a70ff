import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEVICE, propertiesOf } from '../../support/arm-client.ts';
import { changed } from '../../support/bodies.ts';
import { startService } from '../../support/service.ts';

const URL = `${DEVICE}/roles/mec`;
const ACTIVATION = 'Plain-activation-key-of-a-test';
const MEC = {
  kind: 'MEC',
  properties: {
    connectionString: { value: ACTIVATION, encryptionAlgorithm: 'None' },
    controllerEndpoint: 'https://controller.example.com',
    resourceUniqueId: 'unique',
    roleStatus: 'Enabled',
  },
};

test('is made, shown without its activation key, changed and removed', async (t) => {
  const arm = await startService(t);
  await arm.activeDevice();
  await arm.done('put', URL, MEC);
  const shown = await arm.get(URL);
  const { connectionString: _secret, ...rest } = MEC.properties;
  assert.equal(shown.kind, 'MEC');
  assert.deepEqual(shown.properties, rest);
  const rows = await arm.service.database.reader.selectFrom('resources').selectAll().execute();
  assert.ok(!JSON.stringify(rows).includes(ACTIVATION));
  await arm.done('put', URL, changed(MEC, { roleStatus: 'disabled' }));
  assert.equal(propertiesOf(await arm.get(URL)).roleStatus, 'Disabled');
  await arm.done('delete', URL);
  await arm.refused('get', URL, 404);
});

test('where its controller is came with 2021-02-01, the kind itself with 2020-09-01', async (t) => {
  const arm = await startService(t);
  await arm.activeDevice();
  await arm.done('put', URL, MEC);
  assert.deepEqual(propertiesOf(await arm.get(`${URL}?api-version=2020-12-01`)), {
    roleStatus: 'Enabled',
  });
  await arm.refused('get', `${URL}?api-version=2019-08-01`, 404);
  assert.deepEqual(await arm.get(`${DEVICE}/roles?api-version=2019-08-01`), { value: [] });
  const old = await arm.refused('put', `${URL}?api-version=2019-08-01`, 400, MEC);
  assert.equal(old.target, 'kind');
});

test('must say its status; a key for another device is refused', async (t) => {
  const arm = await startService(t);
  await arm.activeDevice();
  const bare = await arm.refused('put', URL, 400, { kind: 'mec', properties: {} });
  assert.equal(bare.target, 'properties.roleStatus');
  const connectionString = { value: 'AAAA', encryptionAlgorithm: 'AES256' };
  const { target } = await arm.refused('put', URL, 400, changed(MEC, { connectionString }));
  assert.equal(target, 'properties.connectionString');
});
