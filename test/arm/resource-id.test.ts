import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cleanPath,
  groupKeyOf,
  isWithin,
  nameOf,
  parentKeyOf,
  parseResourceId,
  rootKeyOf,
  typeKeyOf,
} from '#arm/resource-id.ts';
import { DEVICE, SUBSCRIPTION } from '../support/arm-client.ts';

const ADDON = `${DEVICE}/roles/K8s/addons/Arc`;

test('an id comes apart into its parts, as written, and has a key in lower case', () => {
  assert.deepEqual(parseResourceId(ADDON), {
    id: ADDON,
    key: ADDON.toLowerCase(),
    subscriptionId: SUBSCRIPTION,
    resourceGroup: 'GroupForEdgeAutomation',
    namespace: 'Microsoft.DataBoxEdge',
    types: ['dataBoxEdgeDevices', 'roles', 'addons'],
    names: ['edge1', 'K8s', 'Arc'],
  });
});

test('fixed words are found in any casing; doubled slashes and one at the end are dropped', () => {
  const shouted = parseResourceId(DEVICE.toUpperCase());
  assert.equal(shouted?.key, DEVICE.toLowerCase());
  assert.equal(shouted.names[0], 'EDGE1');
  const doubled = parseResourceId(`${DEVICE.replace('/providers/', '//providers///')}//`);
  assert.equal(doubled?.id, DEVICE);
  assert.equal(cleanPath('/'), '/');
  assert.equal(cleanPath('//a///b//'), '/a/b');
});

test('what names no resource is none', () => {
  const none = ['', '/', 'x', '/subscriptions/s', DEVICE.slice(1), `${DEVICE}/shares`];
  for (const text of [...none, DEVICE.replace('/providers', '')]) {
    assert.equal(parseResourceId(text), undefined, text);
  }
});

test('above, top, group, type and name', () => {
  const addon = parseResourceId(ADDON)!;
  const device = parseResourceId(DEVICE)!;
  assert.equal(parentKeyOf(addon), `${DEVICE}/roles/K8s`.toLowerCase());
  assert.equal(parentKeyOf(device), undefined);
  assert.equal(rootKeyOf(addon), device.key);
  assert.equal(rootKeyOf(device), device.key);
  assert.equal(groupKeyOf(addon), device.key.split('/providers')[0]);
  assert.equal(typeKeyOf(addon), 'microsoft.databoxedge/databoxedgedevices/roles/addons');
  assert.equal(nameOf(addon), 'Arc');
});

test('within is by segments, not by letters', () => {
  assert.ok(isWithin('/a/b', '/a/b'));
  assert.ok(isWithin('/a/b/c', '/a/b'));
  assert.ok(!isWithin('/a/bc', '/a/b'));
  assert.ok(!isWithin('/a', '/a/b'));
});
