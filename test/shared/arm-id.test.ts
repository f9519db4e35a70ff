import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cleanPath,
  enclosingOf,
  groupKeyOf,
  isWithin,
  lastSegmentOf,
  nameOf,
  namespaceOfType,
  parentKeyOf,
  parseEnclosing,
  parseResourceId,
  pathInGroup,
  pathOfType,
  rangeBelow,
  resourceIdOf,
  rootIdOf,
  rootKeyOf,
  scopesAbove,
  subscriptionIdOf,
  typeKeyOf,
} from '#shared/arm-id.ts';
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
  assert.equal(rootIdOf(addon), DEVICE);
  assert.equal(pathInGroup(addon), ADDON.slice(ADDON.indexOf('/providers/')));
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

test('a malformed id of our own is a bug, never an empty part', () => {
  assert.equal(resourceIdOf(ADDON).id, ADDON);
  assert.throws(() => resourceIdOf('/subscriptions/s'), /Invariant broken/);
  for (const text of ['', '/', '/subscriptions/', '/subscriptions//resourcegroups/g', '/x/s']) {
    assert.throws(() => subscriptionIdOf(text), /Invariant broken/, text);
  }
});

test('an id of any kind is in a subscription, and perhaps in a group', () => {
  const group = { subscriptionId: SUBSCRIPTION, resourceGroup: 'GroupForEdgeAutomation' };
  assert.deepEqual(enclosingOf(ADDON), group);
  assert.deepEqual(enclosingOf(`/SUBSCRIPTIONS/${SUBSCRIPTION}/resourcegroups/G`), {
    ...group,
    resourceGroup: 'G',
  });
  for (const rest of ['', '/providers/Microsoft.Resources/deployments/d']) {
    assert.deepEqual(enclosingOf(`/subscriptions/${SUBSCRIPTION}${rest}`), {
      ...group,
      resourceGroup: undefined,
    });
  }
  assert.equal(parseEnclosing('/providers/Microsoft.Authorization/roleAssignments/r'), undefined);
});

test('the range below a key holds everything below it and nothing beside it', () => {
  const { after, before } = rangeBelow('/a/b');
  const isInside = (key: string): boolean => key > after && key < before;
  assert.ok(isInside('/a/b/c') && isInside('/a/b/\uffff/d'));
  assert.ok(['/a/b', '/a/b!', '/a/b0', '/a/bc', '/a/c'].every((key) => !isInside(key)));
});

test('the last segment', () => {
  assert.equal(lastSegmentOf(DEVICE), 'edge1');
  assert.equal(lastSegmentOf('edge1'), 'edge1');
});

test('the scopes above a scope: everything, its subscription, its group, the resources above it, itself', () => {
  const group = '/subscriptions/s/resourceGroups/g';
  const device = `${group}/providers/Ns.X/devices/d`;
  assert.deepEqual(scopesAbove(''), ['']);
  assert.deepEqual(scopesAbove('/subscriptions/s'), ['', '/subscriptions/s']);
  assert.deepEqual(scopesAbove(`${device}/shares/x`), [
    ...['', '/subscriptions/s', group, device],
    `${device}/shares/x`,
  ]);
  assert.deepEqual(scopesAbove(`${device}/shares`), [
    ...['', '/subscriptions/s', group, device],
    `${device}/shares`,
  ]);
});

test('a type is its namespace and a path', () => {
  assert.equal(namespaceOfType('Ns.X/devices/shares'), 'Ns.X');
  assert.equal(pathOfType('Ns.X/devices/shares'), 'devices/shares');
});
