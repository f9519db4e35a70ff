import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  type ActivationKeyParts,
  makeActivationKey,
  readActivationKey,
} from '#vault/activation-key.ts';

const PARTS: ActivationKeyParts = {
  subscriptionId: '00000000-0000-0000-0000-000000000001',
  resourceGroup: 'édge',
  resourceName: 'edge-1',
  managementCert: 'TUlJ',
  resourceId: '1234567890123456789',
  aadAuthority: 'https://login.windows.net',
  aadAudience: 'https://azuredataboxedge/westeurope/1234567890123456789/1234567890123456789',
  aadTenantId: '00000000-0000-0000-0000-000000000002',
  servicePrincipalClientId: '00000000-0000-0000-0000-000000000003',
  azureManagementEndpointAudience: 'https://pod01-edg1.weu.databoxedge.azure.com/',
  serviceDataIntegrityKey: 'cik-cik-cik',
};

const signed = (content: string): string => {
  const body = Buffer.from(content).toString('base64');
  return `${body}#${createHash('sha512').update(body).digest('hex').slice(0, 16)}`;
};
const contentOf = (key: string): Record<string, string> =>
  JSON.parse(Buffer.from(key.split('#')[0] ?? '', 'base64').toString()) as Record<string, string>;
const faultOf = (text: string): string => {
  const read = readActivationKey(text);
  assert.ok('fault' in read, 'must be refused');
  for (const secret of [PARTS.managementCert, PARTS.serviceDataIntegrityKey]) {
    assert.ok(!read.fault.includes(secret));
  }
  return read.fault;
};

test('a key holds the SDK’s members in its order and the checksum of its text', () => {
  const key = makeActivationKey(PARTS);
  assert.deepEqual(Object.keys(contentOf(key)), [
    ...['SubscriptionId', 'ResourceType', 'ResourceName', 'ManagementCert', 'ResourceId'],
    ...['AadAuthority', 'AadAudience', 'AadTenantId', 'ServicePrincipalClientId'],
    ...['AzureManagementEndpointAudience', 'ProviderNamespace', 'ResourceGroup'],
    ...['ServiceDataIntegrityKey', 'IdentityProvider'],
  ]);
  assert.equal(contentOf(key)['ResourceType'], 'dataBoxEdgeDevices');
  assert.equal(contentOf(key)['ProviderNamespace'], 'Microsoft.DataBoxEdge');
  assert.equal(contentOf(key)['IdentityProvider'], 'AAD');
  assert.match(key, /^[A-Za-z0-9+/]+=*#[0-9a-f]{16}$/);
  assert.equal(key, signed(JSON.stringify(contentOf(key))));
});

test('a key is read back, also with the line breaks of a mail', () => {
  const key = makeActivationKey(PARTS);
  assert.deepEqual(readActivationKey(key), PARTS);
  assert.deepEqual(readActivationKey(`  ${key.replace(/.{76}/g, '$&\r\n')}\n`), PARTS);
});

test('members are matched without case, unknown ones ignored', () => {
  const content = Object.entries(contentOf(makeActivationKey(PARTS))).map(([name, value]) => [
    name.charAt(0).toLowerCase() + name.slice(1),
    value,
  ]);
  const text = JSON.stringify({ ...Object.fromEntries(content), extra: 1 });
  assert.deepEqual(readActivationKey(signed(text)), PARTS);
  assert.deepEqual(readActivationKey(signed(`\uFEFF${text}`)), PARTS);
});

test('a key that was truncated or changed is refused', () => {
  const key = makeActivationKey(PARTS);
  assert.match(faultOf(''), /empty/);
  assert.match(faultOf(' \n'), /empty/);
  assert.match(faultOf(key.split('#')[0] ?? ''), /not complete/);
  assert.match(faultOf(`${key}#`), /not complete/);
  assert.match(faultOf(key.slice(0, -1)), /checksum/);
  assert.match(faultOf(key.slice(1)), /checksum/);
  assert.match(faultOf(`f${key.slice(1)}`), /checksum/);
});

test('a key with other content is refused with the reason', () => {
  const content = contentOf(makeActivationKey(PARTS));
  assert.match(faultOf(signed('[]')), /not a JSON object/);
  assert.match(faultOf(signed('{')), /not a JSON object/);
  const notBase64 = '%%%';
  const checksum = createHash('sha512').update(notBase64).digest('hex').slice(0, 16);
  assert.match(faultOf(`${notBase64}#${checksum}`), /not base64/);
  const gateway = JSON.stringify({ ...content, ResourceType: 'gateways' });
  assert.match(faultOf(signed(gateway)), /ResourceType is not dataBoxEdgeDevices/);
  const poor = JSON.stringify({ ...content, ManagementCert: '', AadTenantId: 7 });
  assert.match(faultOf(signed(poor)), /lacks ManagementCert, AadTenantId\./);
});
