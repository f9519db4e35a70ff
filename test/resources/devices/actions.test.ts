import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes, seconds } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { findOperation } from '#store/operations.ts';
import { findResource } from '#store/resources.ts';
import { DEVICE, pathIn, pollUrl, propertiesOf, textOf } from '../../support/arm-client.ts';
import { startService } from '../../support/service.ts';

describe('scan, download and install', () => {
  test('jobs in the recorded shape: Location, then both headers, then 204 [rec 13]', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const accepted = await arm.accepted('post', `${DEVICE}/scanForUpdates`);
    assert.equal(accepted.text, '');
    assert.equal(accepted.headers['azure-asyncoperation'], undefined);
    const poll = pollUrl(accepted);
    assert.ok(pathIn(poll).startsWith(`${DEVICE}/operationResults/`));
    await arm.advance(seconds(1));
    const running = await arm.call('get', poll);
    assert.deepEqual([running.status, running.headers['retry-after']], [202, '1']);
    assert.equal(pathIn(running.headers.location ?? ''), pathIn(poll));
    const status = pathIn(running.headers['azure-asyncoperation'] ?? '');
    assert.ok(status.startsWith(`${DEVICE}/operationsStatus/`) && status.endsWith('=2019-07-01'));
    await arm.advance(minutes(30));
    const done = await arm.call('get', poll);
    assert.deepEqual([done.status, done.text, done.headers['retry-after']], [204, '', undefined]);
    assert.equal(pathIn(done.headers['azure-asyncoperation'] ?? ''), status);
  });

  test('in their order only, one at a time, and on an active machine', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const early = await arm.refused('post', `${DEVICE}/scanForUpdates`, 400);
    assert.equal(early.code, 'GatewayUserErrorDeviceNotActivated');
    await arm.activeDevice();
    for (const action of ['downloadUpdates', 'installUpdates']) {
      const { code } = await arm.refused('post', `${DEVICE}/${action}`, 400);
      assert.equal(code, 'GatewayUserErrorInvalidState', action);
    }
    await arm.accepted('post', `${DEVICE}/scanForUpdates`);
    const { code } = await arm.refused('post', `${DEVICE}/scanForUpdates`, 409);
    assert.equal(code, 'GatewayUserErrorOperationInProgress');
    await arm.advance(minutes(30));
    await arm.refused('post', `${DEVICE}/installUpdates`, 400);
    await arm.done('post', `${DEVICE}/downloadUpdates`, undefined, minutes(180));
    await arm.done('post', `${DEVICE}/installUpdates`, undefined, minutes(600));
  });

  test('meanwhile the device can be read, tagged and deleted: the job is the machine’s', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const poll = pollUrl(await arm.accepted('post', `${DEVICE}/scanForUpdates`));
    await arm.advance(seconds(1));
    const patched = await arm.call('patch', DEVICE, { tags: { a: '1' } });
    assert.equal(patched.status, 200);
    await arm.accepted('delete', DEVICE);
    await arm.advance(minutes(30));
    await arm.refused('get', DEVICE, 404);
    assert.equal((await arm.refused('get', poll, 400)).code, 'GatewayUserErrorOperationCanceled');
  });
});

describe('deviceCapacityCheck', () => {
  const URL = `${DEVICE}/deviceCapacityCheck`;
  const ask = (...vmPlacementQuery: string[][]) => ({ properties: { vmPlacementQuery } });

  test('Azure-AsyncOperation below the action; its body has the results', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const query = ask(['Standard_D2_v2'], ['Standard_D5_v2', 'Standard_D5_v2'], ['Standard_X']);
    const { headers, body } = await arm.accepted('post', `${URL}?capacityName=any`, query);
    assert.deepEqual(body, { status: 'InProgress' });
    assert.equal(headers.location, undefined);
    const poll = pathIn(textOf(headers['azure-asyncoperation']));
    assert.ok(poll.startsWith(`${URL}/operationResults/`), poll);
    assert.deepEqual(await arm.get(poll), { status: 'InProgress' });
    await arm.advance(minutes(1));
    const done = await arm.get(poll);
    assert.equal(done.status, 'Succeeded');
    const results = propertiesOf(done).vmPlacementResults as JsonObject[];
    assert.deepEqual(
      results.map(({ vmSize, isFeasible, messageCode }) => [vmSize, isFeasible, messageCode]),
      [
        [['Standard_D2_v2'], true, 'Feasible'],
        [['Standard_D5_v2', 'Standard_D5_v2'], false, 'InsufficientMemory'],
        [['Standard_X'], false, 'VmSizeNotSupported'],
      ],
    );
    for (const { message } of results) assert.notEqual(message, '');
  });

  test('it leaves the device free, and needs none that is free', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    await arm.accepted('post', URL, ask(['Standard_D2_v2']));
    await arm.accepted('post', URL, ask(['Standard_D2_v2']));
    assert.equal((await arm.call('patch', DEVICE, { tags: {} })).status, 200);
  });

  test('one whose device goes meanwhile fails, and says so', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const { headers } = await arm.accepted('post', URL, ask(['Standard_D2_v2']));
    const poll = pathIn(textOf(headers['azure-asyncoperation']));
    await arm.done('delete', DEVICE);
    assert.equal((await arm.get(poll)).status, 'Failed');
  });

  test('refuses bodies that are none, a machine that is not active, older versions', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const { code } = await arm.refused('post', URL, 400, ask(['Standard_D2_v2']));
    assert.equal(code, 'GatewayUserErrorDeviceNotActivated');
    await arm.activeDevice();
    for (const body of [{}, { properties: {} }, ask('x' as unknown as string[])]) {
      await arm.refused('post', URL, 400, body);
    }
    await arm.refused('post', `${URL}?api-version=2021-06-01`, 400, ask([]));
  });
});

describe('securitySettings/default/update', () => {
  const URL = `${DEVICE}/securitySettings/default/update`;
  const secret = (value: string, more: JsonObject = {}) => ({
    properties: { deviceAdminPassword: { value, encryptionAlgorithm: 'None', ...more } },
  });

  test('ends in 204 below securitySettings/default, and raises the alert [rec 11, S]', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const accepted = await arm.accepted('post', URL, secret('Passw0rd-1'));
    assert.deepEqual([accepted.text, accepted.headers['azure-asyncoperation']], ['', undefined]);
    const poll = pathIn(pollUrl(accepted));
    assert.ok(poll.startsWith(`${DEVICE}/securitySettings/default/operationResults/`), poll);
    await arm.advance(minutes(1));
    assert.equal((await arm.call('get', poll)).status, 204);
    assert.equal((await arm.call('get', poll)).status, 204, 'read twice');
    const [alert] = (await arm.get(`${DEVICE}/alerts`)).value as JsonObject[];
    const { alertType, errorDetails } = propertiesOf(alert!);
    assert.equal(alertType, 'PasswordChangedEvent');
    assert.deepEqual(errorDetails, { errorCode: '', errorMessage: '', occurrences: 1 });
  });

  test('one that is encrypted for nobody is refused', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const key = await arm.post(`${DEVICE}/getExtendedInformation`);
    const { encryptionKeyThumbprint } = propertiesOf(key);
    const wrong = secret('AAAA', {
      encryptionAlgorithm: 'AES256',
      encryptionCertThumbprint: encryptionKeyThumbprint!,
    });
    const { target, message } = await arm.refused('post', URL, 400, wrong);
    assert.equal(target, 'properties.deviceAdminPassword');
    assert.ok(!message.includes('AAAA'));
  });

  test('refuses passwords that are short or plain, without quoting them', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    for (const password of ['Sh0rt-1', 'alllowercase', 'ALLUPPER123', '12345678!', '']) {
      const { target, message } = await arm.refused('post', URL, 400, secret(password));
      assert.equal(target, 'properties.deviceAdminPassword', password);
      assert.ok(password === '' || !message.includes(password));
    }
    await arm.done('post', URL, secret('lower-case-1'), minutes(1));
  });

  test('the password is kept nowhere', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const accepted = await arm.accepted('post', URL, secret('Passw0rd-kept-nowhere'));
    const id = /operationResults\/([^?]+)/.exec(pollUrl(accepted))?.[1] ?? '';
    const operation = await findOperation(arm.service.database, id);
    assert.deepEqual(operation!.input, {});
    const device = await findResource(arm.service.database, DEVICE.toLowerCase());
    assert.ok(!JSON.stringify(device).includes('kept-nowhere'));
  });

  test('refuses without a password, before activation, and while another change runs', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const early = await arm.refused('post', URL, 400, secret('Passw0rd-1'));
    assert.equal(early.code, 'GatewayUserErrorDeviceNotActivated');
    await arm.activeDevice();
    assert.equal(
      (await arm.refused('post', URL, 400, { properties: {} })).target,
      'properties.deviceAdminPassword',
    );
    await arm.accepted('post', URL, secret('Passw0rd-1'));
    await arm.refused('post', URL, 409, secret('Passw0rd-2'));
    await arm.refused('get', `${DEVICE}/securitySettings/default`, 404);
  });
});

describe('triggerSupportPackage', () => {
  const URL = `${DEVICE}/triggerSupportPackage`;
  const REQUEST = {
    properties: {
      minimumTimeStamp: '2018-12-18T02:18:51.4270267Z',
      maximumTimeStamp: '2018-12-18T02:19:51.4270267Z',
      include: 'DefaultWithDumps',
    },
  };

  test('a job of several minutes, polled below the action (tshoot, [S])', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const poll = pathIn(pollUrl(await arm.accepted('post', URL, REQUEST)));
    assert.ok(poll.startsWith(`${URL}/operationResults/`), poll);
    const id = /operationResults\/([^?]+)/.exec(poll)?.[1] ?? '';
    const early = await arm.get(`${DEVICE}/jobs/${id}`);
    assert.deepEqual(
      [early.status, propertiesOf(early).jobType],
      ['Running', 'TriggerSupportPackage'],
    );
    await arm.advance(minutes(2));
    const running = await arm.get(`${DEVICE}/jobs/${id}`);
    assert.deepEqual(
      [running.status, propertiesOf(running).jobType, propertiesOf(running).currentStage],
      ['Running', 'TriggerSupportPackage', undefined],
    );
    await arm.advance(minutes(10));
    assert.equal((await arm.call('get', poll)).status, 204);
    assert.equal((await arm.get(`${DEVICE}/jobs/${id}`)).status, 'Succeeded');
  });

  test('one at a time; a span that ends before it begins, and odd logs, are refused', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const { minimumTimeStamp, maximumTimeStamp } = REQUEST.properties;
    const turned = { minimumTimeStamp: maximumTimeStamp, maximumTimeStamp: minimumTimeStamp };
    const { details } = await arm.refused('post', URL, 400, {
      properties: { ...turned, include: '///' },
    });
    assert.deepEqual(
      details?.map(({ target }) => target),
      ['properties.maximumTimeStamp', 'properties.include'],
    );
    await arm.accepted('post', URL, { properties: { include: 'System, Network' } });
    const { code } = await arm.refused('post', URL, 409, { properties: {} });
    assert.equal(code, 'GatewayUserErrorOperationInProgress');
    await arm.refused('post', `${URL}?api-version=2020-12-01`, 400, REQUEST);
  });
});
