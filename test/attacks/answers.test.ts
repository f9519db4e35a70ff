/** However much of a request is wrong, its refusal is short. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text as allOf } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { checkBody } from '#arm/body-check.ts';
import { nodeOf } from '#arm/schema.ts';
import { devices } from '#resources/devices/devices.ts';
import { envelopeOf } from '#shared/envelope.ts';
import { outlineOf, outlineOfUrl, shortened } from '#shared/outline.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import {
  type ArmClient,
  DEVICE,
  GROUP,
  KUBERNETES_ROLE,
  SUBSCRIPTION,
} from '../support/arm-client.ts';
import { changed, LOCAL_SHARE, ORDER, SCHEDULE } from '../support/bodies.ts';
import { startListening } from '../support/listening.ts';
import { callRaw } from '../support/raw-http.ts';
import { startService } from '../support/service.ts';

const MOST_BYTES = 256 * 1024;
const many = (count: number, name: (at: number) => string): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [name(at), 'x']));

interface Refusal {
  readonly message: string;
  readonly details?: readonly { readonly message: string }[];
}

async function refusal(arm: ArmClient, url: string, body: Json): Promise<Refusal> {
  const { status, text } = await arm.call('put', url, body);
  assert.equal(status, 400, text.slice(0, 500));
  assert.ok(Buffer.byteLength(text) < MOST_BYTES, `${Buffer.byteLength(text)} bytes`);
  return (JSON.parse(text) as { error: Refusal }).error;
}

describe('issue 9, 21: answers are bounded', () => {
  test('hundreds of thousands of unknown members: a hundred are told, the rest is counted', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const body = { location: 'eastus', ...many(200_000, (at) => `m${at}`) };
    const { message, details = [] } = await refusal(arm, DEVICE, body);
    assert.match(message, /\(and 199999 more; see details\)\.$/);
    assert.equal(details.length, 101);
    assert.equal(details.at(-1)?.message, 'And 199900 more.');
  });

  test('hundreds of thousands of tags', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const tags = many(200_000, (at) => `<t${at}`);
    const { message } = await refusal(arm, DEVICE, { location: 'eastus', tags });
    assert.match(message, /at most 50 tags/);
    const group = await refusal(arm, `${GROUP}?api-version=2021-04-01`, {
      location: 'eastus',
      tags,
    });
    assert.ok((group.details ?? []).length <= 101);
  });

  test('names of a megabyte, of any characters, wherever they are repeated', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    for (const one of ['x', '\u0001', '€', '😀']) {
      const name = one.repeat(500_000 / one.length);
      await refusal(arm, DEVICE, { location: 'eastus', [name]: 1 });
      await refusal(arm, DEVICE, { location: name });
      await refusal(arm, DEVICE, { location: 'eastus', sku: { name } });
      await refusal(arm, DEVICE, { location: 'eastus', tags: { [`<${name}`]: 'x' } });
      await refusal(arm, `${DEVICE}/shares/data`, changed(LOCAL_SHARE, { accessProtocol: name }));
      await refusal(arm, `${DEVICE}/bandwidthSchedules/s`, changed(SCHEDULE, { start: name }));
      await refusal(arm, `${DEVICE}/roles/r`, { kind: name });
    }
    const days = Array.from({ length: 300_000 }, () => 'Noday');
    const { details = [] } = await refusal(
      arm,
      `${DEVICE}/bandwidthSchedules/s`,
      changed(SCHEDULE, { days }),
    );
    assert.ok(details.length <= 101);
  });

  test('the work for what is wrong is that for what is right: no more is read, and no more than is told is made', (t) => {
    const node = nodeOf(devices.schema);
    const readsOf = (body: JsonObject): number => {
      let reads = 0;
      const counted = new Proxy(body, {
        get: (target, name) => {
          reads++;
          return Reflect.get(target, name) as unknown;
        },
        getOwnPropertyDescriptor: (target, name) => {
          reads++;
          return Reflect.getOwnPropertyDescriptor(target, name);
        },
      });
      checkBody(node, '2023-12-01', counted);
      return reads;
    };
    const right = { location: 'eastus', sku: { name: 'EdgeP_Base' } };
    const wrong = { ...right, ...many(100_000, (at) => `m${at}`) };
    assert.equal(readsOf(wrong), readsOf(right));
    const details = Array.from({ length: 100_000 }, () => ({
      code: 'X',
      message: 'y'.repeat(2000),
    }));
    const stringify = t.mock.method(JSON, 'stringify');
    envelopeOf({ code: 'X', message: 'many', details });
    assert.ok(
      stringify.mock.callCount() < 1000,
      `${stringify.mock.callCount()} texts are measured`,
    );
  });

  test('the largest envelope that can be made is below 256 kB', () => {
    const worst = '\u0001'.repeat(100_000);
    const fault = { code: 'A', message: worst, target: worst };
    const level = { ...fault, details: Array.from({ length: 500 }, () => fault) };
    const body = envelopeOf({ ...fault, details: Array.from({ length: 500 }, () => level) });
    assert.ok(JSON.stringify(body).length < MOST_BYTES);
  });

  test('short texts stay whole, long ones are cut between characters', () => {
    assert.equal(shortened('Grüße'), 'Grüße');
    assert.equal(shortened('x'.repeat(300)), `${'x'.repeat(256)}…`);
    assert.ok(shortened('€'.repeat(300)).length < 90);
  });
});

describe('tried, finding 23: logs', () => {
  test('have no values of the query, and no name that may be a secret in the wrong place', () => {
    assert.equal(
      outlineOfUrl('/a/b?access_token=s3cret&api-version=2023-12-01&p@ss word=1'),
      '/a/b?access_token=text of 6&api-version=2023-12-01&name of 9=text of 1',
    );
    const outline = JSON.stringify(outlineOf({ 'hunter2!': 1, ...many(100, (at) => `m${at}`) }));
    assert.ok(!outline.includes('hunter2'));
    assert.match(outline, /and 51 more/);
  });
});

describe('tried, finding 17: bodies that are no JSON', () => {
  test('are refused with the place and what was met; __proto__ by its name', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const message = async (text: string): Promise<string> => {
      const answer = await arm.sent('put', DEVICE, text);
      assert.equal(answer.status, 400);
      return (answer.body as { error: Refusal }).error.message;
    };
    assert.match(
      await message('{"location":"eastus",,}'),
      /invalid character ',' at line 1, position 22/,
    );
    assert.match(await message('{"location":'), /invalid end of input at line 1, position 13/);
    assert.match(
      await message('{"location":"eastus","tags":{"__proto__":"x"}}'),
      /'__proto__' is not allowed/,
    );
    assert.match(
      await message('{"location":"eastus","tags":{"\\u005f_proto__":"x"}}'),
      /'__proto__'/,
    );
    assert.match(await message('{"location":Infinity}'), /'Infinity' is not JSON/);
  });

  test('tried, B5: but for what .NET reads: single quotes, comments, a comma at the end', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const text =
      "{'location': 'eastus', /* here */ tags: {'a': 'b',}, 'sku': {'name': 'EdgeP_Base'},}";
    const answer = await arm.sent('put', DEVICE, text);
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual((answer.body as JsonObject).tags, { a: 'b' });
  });
});

describe('tried, finding 23: what is not read as it was sent is refused', () => {
  test('packed bodies and other charsets', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    const url = `${DEVICE}?api-version=2023-12-01`;
    const body = JSON.stringify({ location: 'eastus', sku: { name: 'EdgeP_Base' } });
    for (const [headers, status] of [
      [{ 'content-encoding': 'gzip' }, 415],
      [{ 'content-type': 'application/json; charset=utf-16' }, 415],
      [{ 'content-encoding': 'identity' }, 200],
      [{ 'content-type': 'application/json; charset="UTF-8"' }, 200],
      [{ 'content-type': 'text/json' }, 200],
    ] as const) {
      const answer = await callRaw(arm.origin, { method: 'PUT', path: url, body, headers });
      assert.equal(answer.status, status, JSON.stringify([headers, answer.text]));
      if (status === 415) assert.match(answer.text, /plain UTF-8/);
    }
  });

  test('tried, B13: no media type is <null> in the text', async (t) => {
    const arm = await startListening(t);
    const { status, text } = await callRaw(arm.origin, {
      method: 'PUT',
      path: `${DEVICE}?api-version=2023-12-01`,
      headers: { 'content-length': '2', 'content-type': '' },
      body: '{}',
    });
    assert.equal(status, 415);
    assert.match(text, /The content media type '<null>' is not supported/);
  });

  test('what is not HTTP, and a request that does not arrive in time, are told apart', async (t) => {
    const arm = await startListening(t);
    const { server } = arm.service.door;
    const { hostname, port } = new URL(arm.origin);
    /** What a client reads that sends `sent`; `fail` stands for Node's own timer of a slow request. */
    const answerTo = async (sent: string, fail?: (socket: Socket) => void): Promise<string> => {
      const arrived = once(server, 'connection') as Promise<[Socket]>;
      const client = connect(Number(port), hostname);
      const [socket] = await arrived;
      client.write(sent);
      fail?.(socket);
      return await allOf(client);
    };
    const garbage = await answerTo('GARBAGE\r\n\r\n');
    assert.match(
      garbage,
      /^HTTP\/1\.1 400 Bad Request\r\n[^]*The request could not be read as HTTP\./,
    );
    const late = Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    const slow = await answerTo('GET / HTTP/1.1\r\n', (socket) => {
      server.emit('clientError', late, socket);
    });
    assert.match(slow, /^HTTP\/1\.1 408 Request Timeout\r\n[^]*did not arrive in time/);
  });

  test('a path that leads out of the folder of the documents is not there', async (t) => {
    const arm = await startListening(t);
    for (const path of ['/docs/static/../x', '/docs/static/%2e%2e/x', '/docs/static/nothing.js']) {
      const answer = await callRaw(arm.origin, { method: 'GET', path });
      assert.equal(answer.status, 404, answer.text);
      assert.match(answer.text, /There is nothing at/);
    }
  });

  test('texts of a megabyte where a name, a phone number or a version stands', async (t) => {
    const arm = await startService(t);
    await arm.activeDevice();
    const long = 'x'.repeat(1_000_000);
    const contact = { contactPerson: 'a', companyName: 'b', phone: long, emailList: ['a@b.c'] };
    const cases: readonly (readonly [url: string, body: Json])[] = [
      [`${DEVICE}/orders/default`, changed(ORDER, { contactInformation: contact })],
      [
        `${DEVICE}/roles/k8s`,
        changed(KUBERNETES_ROLE, { kubernetesClusterInfo: { version: long } }),
      ],
      [`${DEVICE}/shares/data`, changed(LOCAL_SHARE, { description: long })],
      [
        `${DEVICE}/users/anna`,
        {
          properties: {
            userType: 'Share',
            encryptedPassword: { value: long, encryptionAlgorithm: 'None' },
          },
        },
      ],
    ];
    const scope = `/subscriptions/${SUBSCRIPTION}`;
    const guid = '33333333-3333-4333-8333-333333333333';
    const role = { roleName: 'a', permissions: [{ actions: [] }], assignableScopes: [scope] };
    const roleDefinitionId = `${scope}/providers/Microsoft.Authorization/roleDefinitions/${guid}`;
    const around: readonly (readonly [path: string, properties: JsonObject])[] = [
      [`roleDefinitions/${guid}`, { ...role, roleName: long }],
      [`roleDefinitions/${guid}`, { ...role, description: long }],
      [`roleAssignments/${guid}`, { roleDefinitionId, principalId: guid, description: long }],
      ['locks/keep', { level: 'CanNotDelete', notes: long }],
    ];
    for (const [path, properties] of around) {
      const url = `${scope}/providers/Microsoft.Authorization/${path}?api-version=2022-04-01`;
      assert.match((await refusal(arm, url, { properties })).message, /at most \d+ characters/);
    }
    for (const [url, body] of cases) {
      const { message } = await refusal(arm, url, body);
      assert.match(message, /must not have more than 8192 characters/);
    }
  });
});

test('tried, B6: no version of ARM is older than it, or still to come', async (t) => {
  const arm = await startService(t);
  await arm.device();
  const paths = [
    GROUP,
    `/subscriptions/${SUBSCRIPTION}`,
    `/subscriptions/${SUBSCRIPTION}/providers`,
    `${GROUP}/providers/Microsoft.Resources/deployments`,
    `${GROUP}/providers/Microsoft.Authorization/locks`,
    `${GROUP}/providers/Microsoft.Authorization/roleAssignments`,
    `${DEVICE}/providers/Microsoft.Resources/tags/default`,
  ];
  const loose = await startService(t, { EDGETWIN_API_VERSIONS: 'loose' });
  await loose.device();
  for (const path of paths) {
    for (const version of ['1999-01-01', '2030-01-01']) {
      const { code, message } = await arm.refused('get', `${path}?api-version=${version}`, 400);
      assert.equal(code, 'InvalidApiVersionParameter');
      assert.equal(/EDGETWIN_API_VERSIONS=loose/.test(message), version === '2030-01-01');
    }
    await loose.get(`${path}?api-version=2030-01-01`);
    await loose.refused('get', `${path}?api-version=1999-01-01`, 400);
  }
});
