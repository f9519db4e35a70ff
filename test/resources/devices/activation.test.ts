import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import { days, minutes, parseInstant } from '#shared/instant.ts';
import { type ArmClient, DEVICE, propertiesOf, textOf } from '../../support/arm-client.ts';
import { startService } from '../../support/service.ts';

async function certificateOf(arm: ArmClient): Promise<string> {
  return textOf((await arm.post(`${DEVICE}/generateCertificate`)).publicKey);
}

const upload = (certificate: string) => ({ properties: { certificate } });

describe('generateCertificate', () => {
  test('real key material: a self-signed certificate of three simulated days and its PKCS#12', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const { publicKey, privateKey, expiryTimeInUTC } = await arm.post(
      `${DEVICE}/generateCertificate`,
    );
    const certificate = new X509Certificate(Buffer.from(textOf(publicKey), 'base64'));
    assert.match(certificate.subject, /^CN=CB_Portal_\d+$/);
    assert.equal(certificate.issuer, certificate.subject);
    assert.ok(certificate.verify(certificate.publicKey));
    assert.equal(Date.parse(certificate.validTo), parseInstant(textOf(expiryTimeInUTC)));
    assert.equal(Date.parse(certificate.validTo), Date.parse('2026-03-05T09:00:00Z'));
    assert.equal(Buffer.from(textOf(privateKey), 'base64')[0], 0x30, 'DER');
    const old = await arm.post(`${DEVICE}/generateCertificate?api-version=2020-09-01`);
    assert.notEqual(old.privateKey, undefined, 'it is asked for its secret');
  });

  test('takes no body and no content type, or a JSON content type without a body', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.post(`${DEVICE}/generateCertificate`);
    await arm.post(`${DEVICE}/generateCertificate`, {});
  });

  test('not before 2020-09-01, and not of a missing device', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const { code } = await arm.refused(
      'post',
      `${DEVICE}/generateCertificate?api-version=2019-08-01`,
      400,
    );
    assert.equal(code, 'NoRegisteredProviderFound');
    await arm.post(`${DEVICE}/generateCertificate?api-version=2020-09-01`);
    const missing = await arm.refused('post', `${DEVICE}2/generateCertificate`, 404);
    assert.equal(missing.code, 'ResourceNotFound');
    assert.equal(
      (await arm.refused('get', `${DEVICE}/generateCertificate`, 405)).code,
      'MethodNotAllowed',
    );
  });
});

describe('uploadCertificate', () => {
  test('answers flat, as recorded, the same each time', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const certificate = await certificateOf(arm);
    const answer = await arm.post(`${DEVICE}/uploadCertificate`, upload(certificate));
    assert.deepEqual(Object.keys(answer), [
      'authType',
      'resourceId',
      'aadAuthority',
      'aadTenantId',
      'servicePrincipalClientId',
      'servicePrincipalObjectId',
      'azureManagementEndpointAudience',
      'aadAudience',
    ]);
    assert.equal(answer.authType, 'AzureActiveDirectory');
    assert.match(textOf(answer.resourceId), /^[1-9]\d{18}$/);
    assert.equal(
      answer.aadAudience,
      `https://azuredataboxedge/eastus/${textOf(answer.resourceId)}/${textOf(answer.resourceId)}`,
    );
    assert.deepEqual(await arm.post(`${DEVICE}/uploadCertificate`, upload(certificate)), answer);
  });

  test('sends the technician: five simulated minutes later the machine is Online', async (t) => {
    const arm = await startService(t);
    await arm.device();
    await arm.post(`${DEVICE}/uploadCertificate`, upload(await certificateOf(arm)));
    await arm.advance(minutes(4));
    assert.equal(propertiesOf(await arm.get(DEVICE)).dataBoxEdgeDeviceStatus, 'ReadyToSetup');
    await arm.advance(minutes(2));
    assert.equal(propertiesOf(await arm.get(DEVICE)).dataBoxEdgeDeviceStatus, 'Online');
  });

  test('with manual activation nobody comes', async (t) => {
    const arm = await startService(t, { EDGETWIN_ACTIVATION: 'manual' });
    await arm.device();
    await arm.post(`${DEVICE}/uploadCertificate`, upload(await certificateOf(arm)));
    await arm.advance(days(1));
    assert.equal(propertiesOf(await arm.get(DEVICE)).dataBoxEdgeDeviceStatus, 'ReadyToSetup');
  });

  test('refuses what is no certificate, and bodies that are none', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const url = `${DEVICE}/uploadCertificate`;
    for (const certificate of ['', 'nonsense', Buffer.from('nonsense').toString('base64')]) {
      const { target } = await arm.refused('post', url, 400, upload(certificate));
      assert.equal(target, 'properties.certificate');
    }
    assert.equal((await arm.refused('post', url, 400, {})).target, 'properties');
    assert.equal(
      (await arm.refused('post', url, 400, { properties: {} })).target,
      'properties.certificate',
    );
    assert.equal((await arm.refused('post', url, 400)).code, 'InvalidRequestContent');
    await arm.advance(minutes(10));
    assert.equal(propertiesOf(await arm.get(DEVICE)).dataBoxEdgeDeviceStatus, 'ReadyToSetup');
  });
});
