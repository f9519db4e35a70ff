import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientOf, objectIdOf, readClients } from '#identity/sign-in/clients.ts';

test('clients are read with their roles; a secret may hold colons', () => {
  const clients = readClients('ci:a:b:c:Owner, 0a:x:EmulatorAdmin');
  assert.ok(!('fault' in clients));
  assert.deepEqual(
    clients.map(({ clientId, role }) => [clientId, role]),
    [
      ['ci', 'Owner'],
      ['0a', 'EmulatorAdmin'],
    ],
  );
  assert.equal(clientOf(clients, 'CI', 'a:b:c'), clients[0]);
  assert.equal(clientOf(clients, 'ci', 'a:b'), 'wrong');
  assert.equal(clientOf(clients, 'ci', ''), 'wrong');
  assert.equal(clientOf(clients, '', 'x'), 'unknown');
});

test('an invalid entry is named by its position, without the secret', () => {
  for (const [text, place] of [
    ['ci:hush', 'entry 1'],
    ['ci:hush:King', 'entry 1'],
    ['ci:hush:owner', 'entry 1'],
    ['ci::Owner', 'entry 1'],
    [':hush:Owner', 'entry 1'],
    ['a:hush:Owner,', 'entry 2'],
    ['a:hush:Owner,A:hush:Reader', 'entry 2'],
  ] as const) {
    const read = readClients(text);
    assert.ok('fault' in read, text);
    assert.match(read.fault, new RegExp(place));
    assert.doesNotMatch(read.fault, /hush/);
  }
});

test('a client is the same principal in every run of a world', () => {
  assert.equal(objectIdOf('seed', 'CI'), objectIdOf('seed', 'ci'));
  assert.notEqual(objectIdOf('seed', 'ci'), objectIdOf('other', 'ci'));
});
