import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, certificateFileOf } from '#clients/setup/installation.ts';
import { environmentText, trustText } from '#clients/setup/variables.ts';

const HERE = {
  host: '127.0.0.1',
  port: 8480,
  data: '/srv/edge twin',
  isSignInRequired: false,
  redisUrl: undefined,
};

/** `export NAME='value'` lines, as a shell takes them. */
const variablesIn = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]),
  );

test('the address is the one for clients on this machine', () => {
  const of = (host: string): string => addressOf({ ...HERE, host }, 'https');
  for (const host of ['127.0.0.1', '127.0.0.2', 'localhost', '::1', '::', '0.0.0.0']) {
    assert.equal(of(host), 'https://localhost:8480', host);
  }
  assert.equal(of('edge.example'), 'https://edge.example:8480');
  assert.equal(of('fd00::1'), 'https://[fd00::1]:8480');
});

test('env prints the variables of the service, quoted', () => {
  const variables = variablesIn(environmentText(HERE));
  const file = '/srv/edge twin/ca.pem';
  assert.equal(certificateFileOf(HERE), file);
  for (const name of [
    'NODE_EXTRA_CA_CERTS',
    'REQUESTS_CA_BUNDLE',
    'SSL_CERT_FILE',
    'CURL_CA_BUNDLE',
  ]) {
    assert.equal(variables[name], file, name);
  }
  assert.equal(variables.EDGETWIN_URL, 'https://localhost:8480');
  assert.equal(variables.AZURE_AUTHORITY_HOST, 'https://localhost:8480');
  assert.equal(variables.AZURE_TENANT_ID, 'adfs');
  assert.ok(variables.AZURE_CLIENT_SECRET);
  assert.match(environmentText({ ...HERE, data: "it's" }), /'\/.*it'\\''s\/ca\.pem'/);
});

test('where sign-in is required it does not set a client', () => {
  const text = environmentText({ ...HERE, isSignInRequired: true });
  assert.equal(variablesIn(text).AZURE_CLIENT_SECRET, undefined);
  assert.match(text, /^# AZURE_CLIENT_ID .*EDGETWIN_CLIENTS/m);
});

test('where the data are in memory the certificate must be fetched', () => {
  const memory = { ...HERE, data: ':memory:' };
  for (const text of [environmentText(memory), trustText(memory)]) {
    assert.match(text, /curl -o edgetwin-ca\.pem http:\/\/localhost:8480\/_edgetwin\/ca\.pem/);
  }
});

test('trust has a line for Node, Python, curl and az', () => {
  const text = trustText(HERE);
  for (const line of [
    /^Node .*NODE_EXTRA_CA_CERTS='\/srv\/edge twin\/ca\.pem'/m,
    /^Python, requests .*REQUESTS_CA_BUNDLE=/m,
    /^curl .*--cacert '\/srv\/edge twin\/ca\.pem' https:\/\/localhost:8480\//m,
    /az cloud register -n Edgetwin/,
    /--endpoint-active-directory https:\/\/localhost:8480\/adfs/,
    /az login --service-principal .*--tenant adfs/,
  ]) {
    assert.match(text, line);
  }
});
