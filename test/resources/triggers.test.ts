import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import type { ArmClient } from '../support/arm-client.ts';
import { DEVICE, pollUrl, propertiesOf } from '../support/arm-client.ts';
import { changed, FILE_TRIGGER, IOT_ROLE, LOCAL_SHARE, TIMER_TRIGGER } from '../support/bodies.ts';
import { startService } from '../support/service.ts';

const URL = `${DEVICE}/triggers/trigger1`;
const LIST = `${DEVICE}/triggers`;

/** An active device with the share and the role that the bodies name. */
async function device(arm: ArmClient): Promise<void> {
  await arm.activeDevice();
  await arm.accepted('put', `${DEVICE}/shares/data`, LOCAL_SHARE);
  await arm.done('put', `${DEVICE}/roles/iot`, IOT_ROLE);
}

/** A timer trigger that starts at `startTime`. */
const timerAt = (startTime: string): JsonObject =>
  changed(TIMER_TRIGGER, {
    sourceInfo: { ...TIMER_TRIGGER.properties.sourceInfo, startTime },
  });

describe('create', () => {
  test('of both kinds, unseen until it is done', async (t) => {
    const arm = await startService(t);
    await device(arm);
    await arm.accepted('put', URL, FILE_TRIGGER);
    await arm.refused('get', URL, 404);
    await arm.done('put', `${LIST}/trigger2`, TIMER_TRIGGER);
    const { value } = await arm.get(LIST);
    assert.deepEqual(
      (value as JsonObject[]).map(({ kind }) => kind),
      ['FileEvent', 'PeriodicTimerEvent'],
    );
  });

  test('a start without a zone is in the device’s own, which is the Pacific coast’s; shown in UTC [S]', async (t) => {
    const arm = await startService(t);
    await device(arm);
    for (const [sent, shown] of [
      ['2026-03-02T09:00:00', '2026-03-02T17:00:00Z'],
      ['2026-07-02T09:00:00', '2026-07-02T16:00:00Z'],
      ['2026-03-02T09:00:00.1234567Z', '2026-03-02T09:00:00Z'],
      ['2026-03-02T09:00:00+02:00', '2026-03-02T07:00:00Z'],
      // Summer time begins at two o'clock that night.
      ['2026-03-08T03:30:00', '2026-03-08T10:30:00Z'],
    ] as const) {
      await arm.done('put', URL, timerAt(sent));
      const { sourceInfo } = propertiesOf(await arm.get(URL));
      assert.equal((sourceInfo as JsonObject).startTime, shown, sent);
    }
  });
});

describe('read back', () => {
  test('as it was sent, the kind at its end [S]', async (t) => {
    const arm = await startService(t);
    await device(arm);
    await arm.done('put', URL, FILE_TRIGGER);
    const shown = {
      properties: FILE_TRIGGER.properties,
      id: URL,
      name: 'trigger1',
      type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/triggers',
      kind: 'FileEvent',
    };
    assert.deepEqual(await arm.get(URL), shown);
    assert.deepEqual(await arm.get(LIST), { value: [shown] });
  });

  test('a list by context tag, with quotes or without; another filter cannot be read', async (t) => {
    const arm = await startService(t);
    await device(arm);
    await arm.done('put', URL, FILE_TRIGGER);
    await arm.done('put', `${LIST}/untagged`, TIMER_TRIGGER);
    const listed = async (filter: string): Promise<Json[]> =>
      (await arm.get(`${LIST}?$filter=${encodeURIComponent(filter)}`)).value as Json[];
    assert.equal((await listed('CustomContextTag eq counter')).length, 1);
    assert.equal((await listed("customcontexttag EQ 'counter'")).length, 1);
    assert.equal((await listed('CustomContextTag eq other')).length, 0);
    assert.equal((await listed('')).length, 2);
    for (const filter of ['CustomContextTag', 'CustomContextTag ne x', 'Name eq trigger1']) {
      const url = `${LIST}?$filter=${encodeURIComponent(filter)}`;
      assert.equal((await arm.refused('get', url, 400)).target, '$filter', filter);
    }
  });
});

describe('refuse', () => {
  test('a kind that is none, and what each kind requires, all at once', async (t) => {
    const arm = await startService(t);
    await device(arm);
    const other = await arm.refused('put', URL, 400, { ...FILE_TRIGGER, kind: 'Event' });
    assert.equal(other.target, 'kind');
    const bare = { properties: { sourceInfo: {}, sinkInfo: {} } };
    const file = await arm.refused('put', URL, 400, { kind: 'fileEvent', ...bare });
    assert.deepEqual(file.details?.map(({ target }) => target).sort(), [
      'properties.sinkInfo.roleId',
      'properties.sourceInfo.shareId',
    ]);
    const timer = await arm.refused('put', URL, 400, { kind: 'PeriodicTimerEvent', ...bare });
    assert.deepEqual(timer.details?.map(({ target }) => target).sort(), [
      'properties.sinkInfo.roleId',
      'properties.sourceInfo.schedule',
      'properties.sourceInfo.startTime',
    ]);
  });

  test('a share and a role that are not there, or that run no modules', async (t) => {
    const arm = await startService(t);
    await device(arm);
    const lost = changed(FILE_TRIGGER, {
      sourceInfo: { shareId: `${DEVICE}/shares/nobody` },
      sinkInfo: { roleId: `${DEVICE.replace('edge1', 'edge2')}/roles/iot` },
    });
    const { details } = await arm.refused('put', URL, 400, lost);
    assert.deepEqual(details?.map(({ target }) => target).sort(), [
      'properties.sinkInfo.roleId',
      'properties.sourceInfo.shareId',
    ]);
    const mec = { kind: 'MEC', properties: { roleStatus: 'Enabled' } };
    await arm.done('put', `${DEVICE}/roles/mec`, mec);
    const sinkInfo = { roleId: `${DEVICE}/roles/mec` };
    const { target } = await arm.refused('put', URL, 400, changed(FILE_TRIGGER, { sinkInfo }));
    assert.equal(target, 'properties.sinkInfo.roleId');
  });

  test('a tag of more than 192 characters, a time that is none', async (t) => {
    const arm = await startService(t);
    await device(arm);
    const customContextTag = 'x'.repeat(193);
    const long = await arm.refused('put', URL, 400, changed(FILE_TRIGGER, { customContextTag }));
    assert.equal(long.target, 'properties.customContextTag');
    await arm.done('put', URL, changed(FILE_TRIGGER, { customContextTag: 'x'.repeat(192) }));
    for (const time of ['', 'noon', '09:00:00', '2026-13-02T09:00:00Z']) {
      const { target } = await arm.refused('put', `${LIST}/timer`, 400, timerAt(time));
      assert.equal(target, 'properties.sourceInfo.startTime', time);
    }
  });
});

describe('change', () => {
  test('a GET’s body can be put back; the tag can change, the kind cannot', async (t) => {
    const arm = await startService(t);
    await device(arm);
    await arm.done('put', URL, FILE_TRIGGER);
    const before = await arm.get(URL);
    await arm.done('put', URL, before);
    assert.deepEqual(await arm.get(URL), before);
    await arm.done('put', URL, changed(FILE_TRIGGER, { customContextTag: undefined }));
    assert.ok(!('customContextTag' in propertiesOf(await arm.get(URL))));
    assert.equal((await arm.refused('put', URL, 400, TIMER_TRIGGER)).target, 'kind');
  });
});

describe('remove', () => {
  test('202, then 204 and gone; only then its share and its role can go [ours]', async (t) => {
    const arm = await startService(t);
    await device(arm);
    await arm.done('put', URL, FILE_TRIGGER);
    for (const needed of ['shares/data', 'roles/iot']) {
      const { code, message } = await arm.refused('delete', `${DEVICE}/${needed}`, 409);
      assert.equal(code, 'GatewayUserErrorEntityInUse');
      assert.match(message, /the trigger trigger1/);
    }
    const poll = pollUrl(await arm.accepted('delete', URL));
    await arm.advance(minutes(1));
    assert.equal((await arm.call('get', poll)).status, 204);
    await arm.refused('get', URL, 404);
    assert.equal((await arm.call('delete', URL)).status, 204);
    await arm.done('delete', `${DEVICE}/shares/data`);
    await arm.done('delete', `${DEVICE}/roles/iot`);
  });
});
