/**
 * A machine whose stored state cannot be read costs only itself: its device needs attention and says under which id the reason
 * was logged; other devices, lists and deletions go on.
 */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { DEVICE, GROUP, propertiesOf, SUBSCRIPTION } from '../support/arm-client.ts';
import { databaseOf } from '../support/database.ts';
import { temporaryFolder } from '../support/process.ts';
import { startService } from '../support/service.ts';

const BROKEN = [`${DEVICE}1`, `${DEVICE}2`];
const GENERIC = '2021-04-01';

test('an unreadable machine costs only itself', async (t) => {
  const lines: string[] = [];
  const log = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString('utf8'));
      done();
    },
  });
  const folder = await temporaryFolder(t);
  const environment = { EDGETWIN_DATA: folder, EDGETWIN_LOG_LEVEL: 'error' };
  const arm = await startService(t, environment, { lines: log });
  await arm.activeDevice();
  for (const url of BROKEN) await arm.activeDevice({}, url);
  // As another process, or a hand, would leave it.
  const database = await databaseOf(t, folder);
  const rows = await database.reader.selectFrom('appliances').selectAll().execute();
  for (const [index, url] of BROKEN.entries()) {
    const row = rows.find(({ resource_id: id }) => id.toLowerCase() === url.toLowerCase());
    assert.ok(row !== undefined);
    const { activities: _lost, ...rest } = JSON.parse(row.state) as JsonObject;
    // One is no JSON at all, one lacks a member, as another release's might.
    const state = index === 0 ? row.state.slice(0, 40) : JSON.stringify(rest);
    await database.write(async (writer) =>
      writer
        .updateTable('appliances')
        .set({ state, version: row.version + 1 })
        .where('id', '=', row.id)
        .execute(),
    );
  }
  await new Promise(setImmediate);

  for (const url of BROKEN) {
    assert.equal(propertiesOf(await arm.get(url)).dataBoxEdgeDeviceStatus, 'NeedsAttention', url);
    const { value } = await arm.get(`${url}/alerts`);
    const [alert] = value as JsonObject[];
    const { correlationId } = propertiesOf(alert!).detailedInformation as JsonObject;
    assert.ok(typeof correlationId === 'string');
    assert.ok(
      lines.some((line) => line.includes(correlationId)),
      'the reason stands in the log',
    );
    await arm.refused('post', `${url}/scanForUpdates`, 500);
  }
  const names = async (path: string): Promise<unknown[]> =>
    ((await arm.get(path)).value as JsonObject[]).map(({ name }) => name);
  assert.equal(
    (await names(`${GROUP}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices`)).length,
    3,
  );
  assert.equal((await names(`${GROUP}/resources?api-version=${GENERIC}`)).length, 3);
  assert.equal(propertiesOf(await arm.get(DEVICE)).dataBoxEdgeDeviceStatus, 'Online');

  // There is no machine to wipe, so the device goes at once.
  assert.equal((await arm.call('delete', BROKEN[0]!)).status, 200);
  await arm.refused('get', BROKEN[0]!, 404);
  await arm.call('delete', `${GROUP}?api-version=${GENERIC}`);
  await arm.advance(minutes(60));
  assert.deepEqual(
    await names(`/subscriptions/${SUBSCRIPTION}/resources?api-version=${GENERIC}`),
    [],
  );
});
