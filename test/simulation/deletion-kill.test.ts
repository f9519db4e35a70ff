/**
 * The process dies at every commit of a deletion of a subscription, and at drawn ones of a deletion of a group, and is started again
 * on the same folder: the deletion goes on by itself, and nothing is left of what was deleted.
 */
import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import supertest from 'supertest';
import { milliseconds, minutes } from '#shared/instant.ts';
import { wholeNumber } from '#shared/random.ts';
import { Database } from '#store/database.ts';
import { ArmClient, GROUP, SUBSCRIPTION } from '../support/arm-client.ts';
import type { Death } from '../support/dies-at-commit.ts';
import { fillSubscription, rowsWithin } from '../support/full-subscription.ts';
import { ServiceProcess, temporaryFolder } from '../support/process.ts';

const SEED = process.env.SEED ?? 'deletions';
const SUBSCRIPTION_ID = `/subscriptions/${SUBSCRIPTION}`;
const GROUP_URL = `${GROUP}?api-version=2021-04-01`;
const LIFE_CYCLE = `${SUBSCRIPTION_ID}?api-version=2.0`;

const settingsOf = (data: string) => ({
  EDGETWIN_DATA: data,
  EDGETWIN_CLOCK: 'frozen',
  EDGETWIN_LOG_LEVEL: 'error',
});

function clientOf({ origin }: ServiceProcess): ArmClient {
  const agent = supertest.agent(origin);
  return new ArmClient(agent, async (length) => {
    const duration = `PT${length / 1000}S`;
    const { status } = await agent.post('/_edgetwin/clock/advance').send({ duration });
    assert.equal(status, 200);
  });
}

/** A folder with a full subscription, made once. */
async function prepared(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t);
  const service = await ServiceProcess.start(settingsOf(folder));
  await fillSubscription(clientOf(service));
  await service.end('SIGTERM');
  return folder;
}

/** What the deletion asks for; sent again where it was not acknowledged. */
interface Deletion {
  readonly scope: string;
  readonly ask: (arm: ArmClient) => Promise<unknown>;
}

/** Deletes in a copy of `folder`, dying at `death`, and goes on after it; whether it died. */
async function deleteDying(
  t: TestContext,
  folder: string,
  deletion: Deletion,
  death: Death,
): Promise<boolean> {
  const own = join(await temporaryFolder(t), 'data');
  await cp(folder, own, { recursive: true });
  const first = await ServiceProcess.start(settingsOf(own));
  await first.dieAt(death);
  const hasDied = await dies(clientOf(first), deletion);
  await first.end();
  const second = await ServiceProcess.start(settingsOf(own));
  const arm = clientOf(second);
  await deletion.ask(arm);
  await arm.advance(minutes(5));
  await second.end('SIGTERM');
  const database = await Database.open(own);
  assert.deepEqual(await rowsWithin(database, deletion.scope), {}, JSON.stringify(death));
  await database.close();
  return hasDied;
}

/** Asks, and goes through all that falls due; whether the process died of that. */
async function dies(arm: ArmClient, { ask }: Deletion): Promise<boolean> {
  try {
    await ask(arm);
    await arm.advance(milliseconds(1));
    await arm.advance(minutes(5));
    return false;
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    assert.match(String(error), /ECONNRESET|ECONNREFUSED|EPIPE|socket hang up/);
    return true;
  }
}

test('a deletion of a subscription goes on after a death at any of its commits', async (t) => {
  const folder = await prepared(t);
  const ask = async (arm: ArmClient): Promise<unknown> => arm.put(LIFE_CYCLE, { state: 'Deleted' });
  let deaths = 0;
  for (let commit = 1; ; commit++) {
    const side = commit % 2 === 0 ? 'before' : 'after';
    const deletion = { scope: SUBSCRIPTION_ID, ask };
    if (!(await deleteDying(t, folder, deletion, { commit, side }))) break;
    deaths++;
  }
  assert.ok(deaths >= 3, `it died ${deaths} times`);
});

test('a deletion of a group goes on after a death at some of its commits', async (t) => {
  const folder = await prepared(t);
  t.diagnostic(`SEED=${SEED}`);
  const ask = async (arm: ArmClient): Promise<unknown> => {
    const { status } = await arm.call('delete', GROUP_URL);
    assert.ok([202, 404, 409].includes(status), String(status));
    return status;
  };
  for (let death = 0; death < 3; death++) {
    const commit = 1 + wholeNumber(0, 40, SEED, 'commit', death);
    const side = death % 2 === 0 ? 'before' : 'after';
    await deleteDying(t, folder, { scope: GROUP, ask }, { commit, side });
  }
});
