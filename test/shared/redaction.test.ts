import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '#shared/json.ts';
import { redact } from '#shared/redaction.ts';

const encrypted = (value: string): Json => ({
  value,
  encryptionCertThumbprint: 'AB12',
  encryptionAlgorithm: 'AES256',
});

test('an encrypted secret keeps only algorithm and thumbprint, wherever it is', () => {
  const body = {
    properties: {
      userType: 'Share',
      encryptedPassword: encrypted('s3cret'),
      accountKey: encrypted('s3cret'),
      deviceAdminPassword: encrypted('s3cret'),
      ioTDeviceDetails: {
        deviceId: 'd',
        authentication: { symmetricKey: { connectionString: encrypted('s3cret') } },
      },
      ioTEdgeAgentInfo: { imageRepository: { userName: 'u', password: encrypted('s3cret') } },
      deviceSecrets: { bmcDefaultUserPassword: { encryptedSecret: encrypted('s3cret') } },
      someNewSecret: encrypted('s3cret'),
    },
  };
  const text = JSON.stringify(redact(body));
  assert.ok(!text.includes('s3cret'));
  assert.equal(text.split('"encryptionAlgorithm":"AES256"').length - 1, 7);
  assert.equal(text.split('"encryptionCertThumbprint":"AB12"').length - 1, 7);
  assert.ok(text.includes('"userType":"Share"') && text.includes('"deviceId":"d"'));
});

test('plain secrets are redacted by name in any spelling', () => {
  const names = [
    ...['connectionString', 'ConnectionString', 'privateKey', 'activationKey', 'password'],
    ...['channelIntegrityKey', 'ServiceDataIntegrityKey', 'ManagementCert', 'authCode'],
    ...['client_secret', 'clientSecret', 'Authorization', 'refresh_token', 'set-cookie'],
    ...['x-ms-authorization-auxiliary', 'client-key-data', 'certificate', 'resourceKey'],
  ];
  for (const name of names) {
    assert.deepEqual(redact({ [name]: 's3cret' }), { [name]: '[redacted]' }, name);
    assert.deepEqual(redact([{ [name]: ['s3cret', 's3cret'] }]), [{ [name]: '[redacted]' }], name);
  }
});

test('everything else is kept, and the original is not changed', () => {
  const body = {
    value: [{ name: 'a', value: 1 }],
    tags: { owner: 'me' },
    channelIntegrityKeyName: 'cik-name',
    clientSecretStoreUrl: 'https://vault',
    encryptionKeyThumbprint: 'AB12',
    accountKey: null,
    symmetricKey: {},
    data: { a: 'b' },
    flag: false,
  };
  const before = structuredClone(body);
  assert.deepEqual(redact(body), body);
  const secret = { password: 'x', list: [{ password: 'x' }] };
  redact(secret);
  assert.deepEqual(body, before);
  assert.deepEqual(secret, { password: 'x', list: [{ password: 'x' }] });
});

test('the data of a Kubernetes Secret is redacted, that of others is not', () => {
  assert.deepEqual(redact({ kind: 'Secret', data: { a: 'x' }, stringData: { b: 'y' } }), {
    kind: 'Secret',
    data: { a: '[redacted]' },
    stringData: { b: '[redacted]' },
  });
  assert.deepEqual(redact({ kind: 'ConfigMap', data: { a: 'x' } }), {
    kind: 'ConfigMap',
    data: { a: 'x' },
  });
});

test('malicious bodies do no harm', () => {
  const deep = JSON.parse(`${'['.repeat(5000)}"s3cret"${']'.repeat(5000)}`) as Json;
  assert.ok(!JSON.stringify(redact(deep)).includes('s3cret'));
  const polluting = JSON.parse('{"__proto__":{"password":"s3cret"}}') as Json;
  assert.equal(JSON.stringify(redact(polluting)), '{"__proto__":{"password":"[redacted]"}}');
});

test('strings, numbers and null are returned as they are', () => {
  for (const json of ['text', 1, true, null]) assert.equal(redact(json), json);
});
