/** Faults, campaigns and explanations over the control door: what is asked for, what is refused, and what is told. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { days, hours, minutes } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import { explain } from '../../clients/faults/explain.ts';
import {
  arcAddon,
  type ArmClient,
  DEVICE,
  GROUP,
  KUBERNETES_ROLE,
  propertiesOf,
  textOf,
} from '../support/arm-client.ts';
import { startListening } from '../support/listening.ts';
import { startService } from '../support/service.ts';

const FAULTS = '/_edgetwin/faults';
const CAMPAIGNS = `${FAULTS}/campaigns`;
const listUrl = (base: string): string => `${base}?resource=${DEVICE}`;
const listIn = (answer: JsonObject): JsonObject[] => answer.value as JsonObject[];
const statusOf = async (arm: ArmClient): Promise<Json | undefined> =>
  propertiesOf(await arm.get(DEVICE)).dataBoxEdgeDeviceStatus;

describe('faults', () => {
  test('one is injected for later, listed, begins, and is healed', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const body = { resource: DEVICE.toUpperCase(), kind: 'uplinkDown', after: 'PT1H' };
    const injected = await arm.post(FAULTS, body, 201);
    assert.deepEqual([injected.status, injected.resource], ['Pending', DEVICE]);
    assert.deepEqual(listIn(await arm.get(listUrl(FAULTS))), [injected]);
    assert.equal(await statusOf(arm), 'Online');
    await arm.advance(minutes(61));
    assert.deepEqual(listIn(await arm.get(listUrl(FAULTS))), [{ ...injected, status: 'Active' }]);
    assert.equal(await statusOf(arm), 'Disconnected');
    assert.match((await arm.call('get', '/metrics')).text, /^edgetwin_faults 1$/m);
    const healed = await arm.call('delete', `${FAULTS}/${textOf(injected.id).toUpperCase()}`);
    assert.deepEqual([healed.status, (healed.body as JsonObject).status], [200, 'Healed']);
    assert.equal(await statusOf(arm), 'Online');
    await arm.refused('delete', `${FAULTS}/${textOf(injected.id)}`, 404);
    assert.deepEqual(await arm.get(listUrl(FAULTS)), { value: [] });
  });

  test('the kinds are listed with their members', async (t) => {
    const arm = await startService(t);
    const kinds = listIn(await arm.get(`${FAULTS}/kinds`));
    assert.deepEqual(
      kinds.map(({ kind }) => kind),
      [
        ...['uplinkDown', 'uplinkSlow', 'nodeDown', 'diskFailing', 'diskFailed', 'gpuLost'],
        ...['powerLost', 'overTemperature', 'certificateExpiring', 'vaultDeleted'],
        ...['vaultSecretDeleted', 'witnessOffline', 'updateFails'],
        ...['arcAgentOffline', 'clockSkew', 'storageFull'],
      ],
    );
    const disk = kinds.find(({ kind }) => kind === 'diskFailed');
    assert.deepEqual(
      (disk?.members as JsonObject[]).map(({ name, isRequired }) => [name, isRequired]),
      [
        ['node', true],
        ['disk', true],
      ],
    );
  });

  test('what cannot be read is refused with all faults at once, what cannot be with the machine’s reason', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const wrong = {
      resource: DEVICE,
      kind: 'cosmicRay',
      node: 3,
      disk: 0,
      stage: 'x',
      after: '1h',
      for: 'PT0S',
    };
    const { details } = await arm.refused('post', FAULTS, 400, wrong);
    assert.deepEqual(
      details?.map(({ target }) => target),
      ['kind', 'node', 'disk', 'stage', 'after', 'for'],
    );
    await arm.refused('post', FAULTS, 400, { resource: DEVICE, kind: 'nodeDown', nod: 1 });
    await arm.refused('post', FAULTS, 404, { resource: `${DEVICE}2`, kind: 'nodeDown' });
    const { code } = await arm.refused('post', FAULTS, 409, {
      ...{ resource: DEVICE, kind: 'nodeDown', node: 2 },
    });
    assert.equal(code, 'GatewayUserErrorInvalidPlace');
    assert.deepEqual(await arm.get(listUrl(FAULTS)), { value: [] });
    await arm.refused('get', FAULTS, 400);
  });

  test('a machine’s faults go with its device', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const { id } = await arm.post(FAULTS, { resource: DEVICE, kind: 'uplinkDown' }, 201);
    const deleted = await arm.call('delete', DEVICE);
    assert.ok(deleted.status < 300);
    await arm.advance(hours(1));
    await arm.refused('get', DEVICE, 404);
    await arm.refused('delete', `${FAULTS}/${textOf(id)}`, 404);
  });
});

describe('campaigns', () => {
  /** The kinds and moments of the faults that a week brings. */
  async function weekOf(arm: ArmClient, seed: string): Promise<unknown[]> {
    await arm.activeDevice();
    const body = { resource: DEVICE, meanTimeBetween: 'PT12H', for: 'P7D', seed };
    const begun = await arm.post(CAMPAIGNS, body, 201);
    assert.deepEqual([begun.faults, begun.seed], [0, seed]);
    await arm.advance(days(8));
    assert.deepEqual(await arm.get(listUrl(CAMPAIGNS)), { value: [] });
    const facts = await arm.all(`/_edgetwin/journal?resource=${DEVICE}&kind=fault.injected`);
    return facts.map(({ at, data }) => [at, (data as JsonObject).kind]);
  }

  test('break a device by chance for a week, in the same way for the same seed, and leave it whole', async (t) => {
    const [one, same, other] = await Promise.all(
      ['a', 'a', 'b'].map(async (seed) => {
        const arm = await startService(t);
        const week = await weekOf(arm, seed);
        assert.equal(await statusOf(arm), 'Online');
        assert.deepEqual(await arm.get(listUrl(FAULTS)), { value: [] });
        return week;
      }),
    );
    assert.ok(one !== undefined && one.length > 5, JSON.stringify(one));
    assert.deepEqual(one, same);
    assert.notDeepEqual(one, other);
  });

  test('end by hand, and are refused where a kind is impossible or nothing can be read', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice({ sku: { name: 'EdgeMR_Mini' } });
    const good = { resource: DEVICE, meanTimeBetween: 'P1D', for: 'P7D' };
    await arm.refused('post', CAMPAIGNS, 409, { ...good, kinds: ['uplinkDown', 'gpuLost'] });
    const { details } = await arm.refused('post', CAMPAIGNS, 400, {
      ...{ resource: DEVICE, kinds: ['x'], meanTimeBetween: 'PT1M', seed: '' },
    });
    assert.deepEqual(
      details?.map(({ target }) => target),
      ['kinds', 'meanTimeBetween', 'for', 'seed'],
    );
    const { id } = await arm.post(CAMPAIGNS, { ...good, kinds: ['uplinkDown'] }, 201);
    assert.equal(listIn(await arm.get(listUrl(CAMPAIGNS))).length, 1);
    assert.equal((await arm.call('delete', `${CAMPAIGNS}/${textOf(id)}`)).status, 200);
    await arm.refused('delete', `${CAMPAIGNS}/${textOf(id)}`, 404);
    await arm.advance(days(8));
    assert.deepEqual(
      await arm.all(`/_edgetwin/journal?resource=${DEVICE}&kind=fault.injected`),
      [],
    );
  });
});

describe('explanations', () => {
  const kindsOf = (answer: JsonObject): unknown[] =>
    (answer.chain as JsonObject[]).map(({ kind }) => kind);
  const explainUrl = (resource: string, more = ''): string =>
    `/_edgetwin/explain?resource=${resource}${more}`;

  test('go from the value to what somebody asked for, at any moment', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const fresh = await arm.get(explainUrl(DEVICE));
    assert.deepEqual([fresh.value, fresh.chain], ['ReadyToSetup', []]);
    await arm.activeDevice();
    const { now } = await arm.get('/_edgetwin/clock');
    await arm.done('put', `${DEVICE}/roles/kubernetesRole`, KUBERNETES_ROLE);
    const role = await arm.get(explainUrl(`${DEVICE}/roles/kubernetesRole`));
    assert.equal(role.value, 'Created');
    assert.deepEqual(kindsOf(role), ['cluster.created', 'operation.accepted']);
    const [, accepted] = role.chain as JsonObject[];
    assert.match(textOf(accepted?.cause), /^request\//);
    await arm.post(
      CAMPAIGNS,
      {
        ...{ resource: DEVICE, kinds: ['uplinkDown'], meanTimeBetween: 'PT1H', for: 'P1D' },
      },
      201,
    );
    while ((await statusOf(arm)) !== 'Disconnected') await arm.advance(minutes(2));
    const down = await arm.get(explainUrl(DEVICE));
    assert.deepEqual(kindsOf(down), [
      ...['machine.statusChanged', 'fault.began', 'fault.injected', 'campaign.began'],
    ]);
    const then = await arm.get(explainUrl(DEVICE, `&at=${textOf(now)}`));
    assert.deepEqual([then.value, kindsOf(then)[0]], ['Online', 'machine.statusChanged']);
    const alerts = listIn(await arm.get(`${DEVICE}/alerts`));
    const alert = await arm.get(explainUrl(textOf(alerts[0]?.id)));
    assert.deepEqual([alert.value, kindsOf(alert)[0]], ['Active', 'alert.raised']);
  });

  test('are refused where nothing can be explained', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const cluster = `${GROUP}/providers/Microsoft.Kubernetes/connectedClusters/none`;
    for (const [url, status, target] of [
      ['/_edgetwin/explain', 400, 'resource'],
      [explainUrl('x'), 400, 'resource'],
      [explainUrl(`${DEVICE}/constructor/x`), 400, 'resource'],
      [explainUrl(DEVICE, '&field=colour'), 400, 'field'],
      [explainUrl(DEVICE, '&at=yesterday'), 400, 'at'],
      [explainUrl(`${DEVICE}2`), 404, undefined],
      [explainUrl(cluster), 404, undefined],
    ] as const) {
      assert.equal((await arm.refused('get', url, status)).target, target, url);
    }
  });

  test('edgetwin explain tells them as a story, the beginning first', async (t) => {
    const arm = await startListening(t);
    await arm.activeDevice();
    await arm.done('put', `${DEVICE}/roles/kubernetesRole`, KUBERNETES_ROLE);
    await arm.done('put', `${DEVICE}/roles/kubernetesRole/addons/arc`, arcAddon('arc1'));
    await arm.post(FAULTS, { resource: DEVICE, kind: 'uplinkDown' }, 201);
    await arm.advance(minutes(20));
    const cluster = `${GROUP}/providers/Microsoft.Kubernetes/connectedClusters/arc1`;
    const answer = await explain([cluster, 'connectivityStatus'], arm.origin);
    assert.ok('text' in answer, JSON.stringify(answer));
    const lines = answer.text.trim().split('\n');
    assert.match(lines[0]!, /^connectivityStatus is Offline at 20/);
    assert.deepEqual(
      lines.slice(1).map((line) => line.replace(/^ +\S+ +/, '').slice(0, 24)),
      ['The fault uplinkDown was', 'The fault uplinkDown beg', "Arc's view of the cluste"],
    );
    const refused = await explain([`${DEVICE}2`], arm.origin);
    assert.ok('refused' in refused && /could not be found/.test(refused.refused));
    await assert.rejects(explain([], arm.origin), TypeError);
  });
});
