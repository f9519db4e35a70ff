/** How long an activation key is good for, what invalidates it, and what fails without the key vault (prep, akey, tact). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { days, minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { activationKey } from '../../support/activation-key.ts';
import {
  type ArmClient,
  DEVICE,
  KUBERNETES_ROLE,
  propertiesOf,
  textOf,
} from '../../support/arm-client.ts';
import { CREDENTIAL, LOCAL_SHARE, USER } from '../../support/bodies.ts';
import { startService } from '../../support/service.ts';

const ACTIVATE = '/_edgetwin/appliances/activate';
const FAULTS = '/_edgetwin/faults';
const JOURNAL = `/_edgetwin/journal?resource=${DEVICE}`;
const manual = { EDGETWIN_ACTIVATION: 'manual' };

const statusOf = async (arm: ArmClient): Promise<unknown> =>
  propertiesOf(await arm.get(DEVICE)).dataBoxEdgeDeviceStatus;

const kindsIn = async (arm: ArmClient): Promise<unknown[]> =>
  ((await arm.get(JOURNAL)).value as JsonObject[]).map(({ kind }) => kind);

describe('an activation key', () => {
  test('is good for three days after its generation', async (t) => {
    const arm = await startService(t, manual);
    await arm.device();
    const { key } = await activationKey(arm);
    await arm.advance(days(3));
    const { target, message } = await arm.refused('post', ACTIVATE, 400, { activationKey: key });
    assert.equal(target, 'activationKey');
    assert.match(message, /expired at 2026-03-05T09:00:00/);
    const next = await activationKey(arm);
    await arm.advance(minutes(3 * 24 * 60 - 1));
    await arm.post(ACTIVATE, { activationKey: next.key }, 202);
    await arm.advance(minutes(6));
    assert.equal(await statusOf(arm), 'Online');
    const told = await kindsIn(arm);
    for (const kind of ['machine.activating', 'machine.activated']) assert.ok(told.includes(kind));
  });

  test('is void as soon as the next one is generated, and as the device is another one', async (t) => {
    const arm = await startService(t, manual);
    await arm.device();
    const first = await activationKey(arm);
    const second = await activationKey(arm);
    const refused = await arm.refused('post', ACTIVATE, 400, { activationKey: first.key });
    assert.match(refused.message, /generated last/);
    await arm.call('delete', DEVICE);
    await arm.device();
    // A device of that name that was made anew has never seen the key.
    const foreign = await arm.refused('post', ACTIVATE, 400, { activationKey: second.key });
    assert.match(foreign.message, /generated last/);
    assert.equal(await statusOf(arm), 'ReadyToSetup');
  });

  test('a certificate that is older than three days is not taken', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const { publicKey } = await arm.post(`${DEVICE}/generateCertificate`);
    await arm.advance(days(3));
    const body = { properties: { certificate: textOf(publicKey) } };
    const refused = await arm.refused('post', `${DEVICE}/uploadCertificate`, 400, body);
    assert.equal(refused.target, 'properties.certificate');
    assert.match(refused.message, /three days/);
    await arm.advance(minutes(10));
    assert.equal(await statusOf(arm), 'ReadyToSetup');
  });
});

describe('without the key vault', () => {
  const break_ = async (arm: ArmClient, kind: string, more = {}): Promise<string> =>
    textOf((await arm.post(FAULTS, { resource: DEVICE, kind, ...more }, 201)).id);

  test('a key that is entered activates nothing', async (t) => {
    const arm = await startService(t, manual);
    await arm.device();
    await break_(arm, 'vaultSecretDeleted');
    const { key } = await activationKey(arm);
    const { code } = await arm.refused('post', ACTIVATE, 409, { activationKey: key });
    assert.equal(code, 'GatewayUserErrorKeyVaultNotFound');
  });

  test('the technician activates nothing, and comes again once the vault is recovered', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const fault = await break_(arm, 'vaultDeleted');
    const { publicKey } = await arm.post(`${DEVICE}/generateCertificate`);
    const upload = { properties: { certificate: textOf(publicKey) } };
    const url = `${DEVICE}/uploadCertificate`;
    const { code } = await arm.refused('post', url, 400, upload);
    assert.equal(code, 'GatewayUserErrorKeyVaultNotFound');
    await arm.call('delete', `${FAULTS}/${fault}`);
    await arm.post(url, upload);
    await arm.advance(minutes(6));
    assert.equal(await statusOf(arm), 'Online');
  });

  test('that goes while a device is being activated, the activation fails, and can be begun again', async (t) => {
    const arm = await startService(t, manual);
    await arm.device();
    const { key } = await activationKey(arm);
    await arm.post(ACTIVATE, { activationKey: key }, 202);
    const fault = await break_(arm, 'vaultDeleted', { after: 'PT1M' });
    await arm.advance(minutes(10));
    assert.equal(await statusOf(arm), 'ReadyToSetup');
    assert.ok((await kindsIn(arm)).includes('machine.activationFailed'));
    await arm.call('delete', `${FAULTS}/${fault}`);
    await arm.post(ACTIVATE, { activationKey: key }, 202);
    await arm.advance(minutes(6));
    assert.equal(await statusOf(arm), 'Online');
  });

  test('that is not configured raises a warning from activation on, until the resource is told of one', async (t) => {
    const arm = await startService(t, manual);
    await arm.device();
    const { key } = await activationKey(arm);
    const alertsOf = async (): Promise<unknown[][]> =>
      ((await arm.get(`${DEVICE}/alerts`)).value as JsonObject[]).map((one) => {
        const { alertType, severity, appearedAtDateTime } = propertiesOf(one);
        return [alertType, severity, appearedAtDateTime];
      });
    assert.deepEqual(await alertsOf(), [], 'not before activation');
    await arm.post(ACTIVATE, { activationKey: key }, 202);
    await arm.advance(minutes(6));
    const [alert, ...others] = await alertsOf();
    assert.deepEqual(
      [alert, others],
      [['KeyVaultNotConfiguredCondition', 'Warning', '2026-03-02T09:05:00.000Z'], []],
    );
    const [{ id }] = (await arm.get(`${DEVICE}/alerts`)).value as [{ id: string }];
    assert.equal(propertiesOf(await arm.get(id)).alertType, 'KeyVaultNotConfiguredCondition');
    assert.equal(await statusOf(arm), 'Online');
    await arm.done('post', `${DEVICE}/scanForUpdates`);
    assert.deepEqual(
      (await alertsOf()).map(([type]) => type),
      ['UpdateAvailableCondition', 'KeyVaultNotConfiguredCondition'],
      'the newest first',
    );
    const told = { clientSecretStoreUrl: 'https://vault1.vault.example/' };
    await arm.post(`${DEVICE}/updateExtendedInformation`, told);
    assert.deepEqual(
      (await alertsOf()).map(([type]) => type),
      ['UpdateAvailableCondition'],
    );
    await arm.refused('get', id, 404);
    await arm.post(`${DEVICE}/updateExtendedInformation`, { clientSecretStoreUrl: '' });
    assert.equal((await alertsOf()).length, 2, 'and again when it is told of none');
  });

  test('or the secret in it, whatever encrypts something is refused, and the sync fails', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const store = { clientSecretStoreUrl: 'https://vault1.vault.example/' };
    await arm.post(`${DEVICE}/updateExtendedInformation`, {
      ...store,
      syncStatus: 'KeyVaultSyncPending',
    });
    await arm.advance(minutes(3));
    const syncOf = async (): Promise<unknown> =>
      propertiesOf(await arm.post(`${DEVICE}/getExtendedInformation`)).keyVaultSyncStatus;
    assert.equal(await syncOf(), 'KeyVaultSynced');
    for (const [kind, alert] of [
      ['vaultDeleted', 'KeyVaultDeletedCondition'],
      ['vaultSecretDeleted', 'KeyVaultSecretsUnreadableCondition'],
    ] as const) {
      const fault = await break_(arm, kind);
      for (const [path, body] of [
        ['users/ann', USER],
        ['shares/local', LOCAL_SHARE],
        ['roles/k8s', KUBERNETES_ROLE],
        ['storageAccountCredentials/sac', CREDENTIAL],
      ] as const) {
        const { code } = await arm.refused('put', `${DEVICE}/${path}`, 400, body);
        assert.equal(code, 'GatewayUserErrorKeyVaultNotFound', path);
      }
      assert.equal(await statusOf(arm), 'NeedsAttention');
      const alerts = (await arm.get(`${DEVICE}/alerts`)).value as JsonObject[];
      assert.deepEqual(
        alerts.map((one) => [propertiesOf(one).alertType, propertiesOf(one).severity]),
        [[alert, 'Critical']],
      );
      assert.equal(await syncOf(), 'KeyVaultSyncFailed');
      await arm.call('delete', `${FAULTS}/${fault}`);
      assert.deepEqual([await statusOf(arm), await syncOf()], ['Online', 'KeyVaultSynced']);
    }
    await arm.done('put', `${DEVICE}/users/ann`, USER);
  });
});
