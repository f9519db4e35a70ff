import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILT_IN_ROLES, permits } from '#identity/access/roles.ts';
import { scopeOf } from '#identity/access/access.ts';
import { DEVICE, GROUP, SUBSCRIPTION } from '../../support/arm-client.ts';

const SHARES = 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/shares';
const may = (actions: string[], action: string, notActions: string[] = []): boolean =>
  permits({ actions, notActions }, action);

test('a pattern matches without case', () => {
  assert.ok(may(['*'], `${SHARES}/refresh/action`));
  assert.ok(may(['*/read'], `${SHARES}/read`));
  assert.ok(!may(['*/read'], `${SHARES}/write`));
  assert.ok(may(['microsoft.databoxedge/*/shares/*'], `${SHARES}/write`));
  assert.ok(may([`${SHARES}/*/action`], `${SHARES}/refresh/action`));
  assert.ok(!may([`${SHARES}/*/action`], `${SHARES}/write`));
  assert.ok(!may([SHARES], `${SHARES}/read`));
  assert.ok(!may([`${SHARES}/rea`], `${SHARES}/read`));
  assert.ok(!may([], `${SHARES}/read`));
  assert.ok(!may(['*'], `${SHARES}/write`, ['*/write']));
  assert.ok(!may(['a.b/c'], 'axb/c'), 'a dot is a dot');
  assert.ok(may(['a*b*c'], 'aXbXbXc'));
});

test('a pattern of many stars takes no exponential time', () => {
  assert.ok(!may(['*a'.repeat(200)], 'a'.repeat(5000) + 'b'));
});

test('the built-in roles permit what they permit in Azure', () => {
  const role = (name: string) => BUILT_IN_ROLES.find(({ roleName }) => roleName === name)!;
  const assign = 'Microsoft.Authorization/roleAssignments/write';
  const of = (action: string): string[] =>
    BUILT_IN_ROLES.filter((one) => permits(one, action)).map(({ roleName }) => roleName);
  assert.deepEqual(of(`${SHARES}/write`), ['Owner', 'Contributor']);
  assert.deepEqual(of(`${SHARES}/refresh/action`), ['Owner', 'Contributor']);
  assert.deepEqual(of(assign), ['Owner', 'User Access Administrator']);
  assert.deepEqual(of('Microsoft.Authorization/locks/delete'), [
    'Owner',
    'User Access Administrator',
  ]);
  assert.equal(of(`${SHARES}/read`).length, 4);
  assert.equal(role('Contributor').name, 'b24988ac-6180-42a0-ab88-20f7382dd24c');
});

test('the scope of a request is its resource, or the parent of what it lists', () => {
  const sub = `/subscriptions/${SUBSCRIPTION}`;
  const lock = '/providers/Microsoft.Authorization/locks';
  for (const [path, scope] of [
    [DEVICE, DEVICE],
    [`${DEVICE}/shares`, DEVICE],
    [`${DEVICE}/shares/s/refresh`, `${DEVICE}/shares/s`],
    [`${DEVICE}/shares/s/operationResults/x`, `${DEVICE}/shares/s/operationResults/x`],
    [`${GROUP}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices`, GROUP],
    [`${sub}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices`, sub],
    [`${sub}/providers/Microsoft.DataBoxEdge/register`, sub],
    [`${sub}/resourceGroups`, sub],
    [`${sub}/locations`, sub],
    [GROUP, GROUP],
    [`${GROUP}/resources`, GROUP],
    [sub, sub],
    [`${DEVICE}${lock}`, DEVICE],
    [`${DEVICE}${lock}/l`, `${DEVICE}${lock}/l`],
  ] as const) {
    assert.equal(scopeOf({ path }), scope);
  }
});
