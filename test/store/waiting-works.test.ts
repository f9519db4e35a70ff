/** Which works share a transaction, and what becomes of those of one that failed (docs/decisions/0025). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Pending, WaitingWorks } from '#store/waiting-works.ts';

/** Works that wait, with the names of those that were told of an error. */
function waiting(pipelines: boolean, count: number): { works: WaitingWorks; told: string[] } {
  const works = new WaitingWorks(pipelines);
  const told: string[] = [];
  for (let index = 0; index < count; index++) add(works, told, String(index));
  return { works, told };
}

const add = (works: WaitingWorks, told: string[], name: string): void => {
  works.add({
    work: async () => Promise.resolve(name),
    resolve: () => undefined,
    reject: () => told.push(name),
  });
};

const manners = (batch: readonly Pending[]): string[] => batch.map(({ manner }) => manner);

test('works that are run in vain because of one of them are run under savepoints, and then alone', () => {
  const { works, told } = waiting(true, 3);
  const first = works.next();
  assert.deepEqual(manners(first), ['together', 'together', 'together']);
  assert.equal(works.tellApart(first), true);
  const second = works.next();
  assert.deepEqual(manners(second), ['underSavepoint', 'underSavepoint', 'underSavepoint']);
  assert.equal(works.tellApart(second), true);
  const third = works.next();
  assert.deepEqual(manners(third), ['alone']);
  assert.equal(works.tellApart(third), false, 'it is known which it was');
  assert.equal(works.count, 2);
  assert.deepEqual(told, []);
});

test('after one that threw, the works that come next have savepoints, and later ones have none', () => {
  const { works, told } = waiting(true, 2);
  works.tellApart(works.next());
  works.next();
  for (let index = 0; index < 257; index++) add(works, told, 'later');
  const seen: string[] = [];
  while (works.count > 0) seen.push(...manners(works.next()));
  assert.equal(seen.filter((manner) => manner === 'underSavepoint').length, 256);
  assert.equal(seen.at(-1), 'together');
});

test('where each statement is waited for, works that have savepoints are told apart already', () => {
  const { works } = waiting(false, 2);
  assert.equal(works.tellApart(works.next()), true);
  const second = works.next();
  assert.deepEqual(manners(second), ['underSavepoint', 'underSavepoint']);
  assert.equal(works.tellApart(second), false, 'it was the commit that failed');
});

test('works that others are in the way of are run together four times, and then alone until they are told', () => {
  const { works, told } = waiting(true, 3);
  for (let attempt = 0; attempt < 4; attempt++) {
    const batch = works.next();
    assert.equal(batch.length, 3, `attempt ${attempt}`);
    works.putBack(batch, 6, new Error('in the way'));
  }
  for (let attempt = 4; attempt < 6; attempt++) {
    const batch = works.next();
    assert.deepEqual(manners(batch), ['alone']);
    works.putBack(batch, 6, new Error('in the way'));
  }
  assert.deepEqual(told, ['0']);
  assert.equal(works.count, 2);
});

test('a key that exists makes works go alone after a few tries, and nobody is told of what another one did', () => {
  const { works, told } = waiting(true, 2);
  for (let attempt = 0; attempt < 3; attempt++) {
    works.putBack(works.next(), 4, new Error('duplicate key'));
  }
  assert.deepEqual(told, []);
  works.putBack(works.next(), 4, new Error('duplicate key'));
  assert.deepEqual(told, ['0']);
  assert.equal(works.count, 1);
});
