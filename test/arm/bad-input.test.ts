import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import {
  DEVICE,
  GROUP,
  KUBERNETES_ROLE,
  pathIn,
  propertiesOf,
  SUBSCRIPTION,
  VERSION,
} from '../support/arm-client.ts';
import { changed, LOCAL_SHARE, SCHEDULE, USER } from '../support/bodies.ts';
import { type ListeningService, startListening } from '../support/listening.ts';
import { callRaw, type RawAnswer, type RawCall } from '../support/raw-http.ts';

const DEVICES = `${GROUP}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices`;
const BODY = '{"location":"eastus","sku":{"name":"EdgeP_Base"}}';
const versioned = (path: string, version = VERSION): string => `${path}?api-version=${version}`;

interface Refusal {
  code: string;
  message: string;
  target?: string;
  details?: { code: string; message: string; target?: string }[];
}

/** The envelope's error of a refusal, as every one of them must have it. */
function refusalIn(answer: RawAnswer, status: number): Refusal {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
  assert.match(String(answer.headers['x-ms-failure-cause']), /^(gateway|service)$/);
  assert.equal(answer.headers['retry-after'], undefined, 'clients retry what has one (§4.3)');
  const { error, ...more } = JSON.parse(answer.text) as { error: Refusal };
  assert.deepEqual(more, {});
  assert.match(error.code, /^[A-Z][A-Za-z]+$/);
  assert.notEqual(error.message, '');
  return error;
}

async function refused(arm: ListeningService, status: number, call: RawCall): Promise<Refusal> {
  return refusalIn(await callRaw(arm.origin, call), status);
}

const put = (path: string, body: string, headers: Record<string, string> = {}): RawCall => ({
  method: 'PUT',
  path,
  body,
  headers,
});
const get = (path: string): RawCall => ({ method: 'GET', path });

describe('api-version', () => {
  test('missing: the same for every path of ARM’s', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    const paths = [
      DEVICE,
      DEVICES,
      `${DEVICE}/shares`,
      GROUP,
      '/subscriptions',
      `${DEVICE}/nothing/x`,
    ];
    for (const path of [...paths, `${DEVICE}?api-version=`, `${DEVICE}?version=${VERSION}`]) {
      const { code, message } = await refused(arm, 400, get(path));
      assert.equal(code, 'MissingApiVersionParameter', path);
      assert.equal(
        message,
        'The api-version query parameter (?api-version=) is required for all requests.',
      );
    }
  });

  test('unknown: one error where a location is known, one for collections, one for ARM itself', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    for (const version of [
      '2000-01-01',
      'latest',
      'constructor',
      '__proto__',
      '2023-12-01-preview',
    ]) {
      const one = await refused(arm, 400, get(versioned(DEVICE, version)));
      assert.equal(one.code, 'NoRegisteredProviderFound', version);
      assert.match(
        one.message,
        new RegExp(`API version '${version}' for type 'dataBoxEdgeDevices'`),
      );
      const list = await refused(arm, 404, get(versioned(DEVICES, version)));
      assert.equal(list.code, 'InvalidResourceType', version);
    }
    const platform = await refused(arm, 400, get(versioned(GROUP, 'latest')));
    assert.equal(platform.code, 'InvalidApiVersionParameter');
  });

  test('in any casing of key and value, and anywhere in the query', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    for (const query of [
      'API-VERSION=2023-01-01-Preview',
      `$expand=details&api-version=${VERSION}`,
    ]) {
      assert.equal((await callRaw(arm.origin, get(`${DEVICE}?${query}`))).status, 200, query);
    }
  });

  test('is told before a wrong body, a missing group and a wrong name', async (t) => {
    const arm = await startListening(t);
    const { code } = await refused(arm, 400, put(`${DEVICES}/a_b`, '{'));
    assert.equal(code, 'MissingApiVersionParameter');
  });
});

describe('paths', () => {
  test('unknown namespaces, types, actions and routes', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    const unknown: [path: string, code: string][] = [
      [`${GROUP}/providers/Microsoft.Nothing/things/x`, 'InvalidResourceNamespace'],
      [`${GROUP}/providers/constructor/things/x`, 'InvalidResourceNamespace'],
      [`${GROUP}/providers/Microsoft.DataBoxEdge/things/x`, 'InvalidResourceType'],
      [`${GROUP}/providers/Microsoft.DataBoxEdge/things`, 'InvalidResourceType'],
      [`${DEVICE}/things/x`, 'InvalidResourceType'],
      [`${DEVICE}/things`, 'InvalidResourceType'],
      [`${DEVICE}/shares/s1/things/x`, 'InvalidResourceType'],
      [`${DEVICE}/toString`, 'InvalidResourceType'],
      ['/nothing', 'NotFound'],
      [`${GROUP}/nothing/x`, 'NotFound'],
      [`${GROUP}/providers`, 'NotFound'],
    ];
    for (const [path, code] of unknown) {
      assert.equal((await refused(arm, 404, get(versioned(path)))).code, code, path);
    }
    const post = { method: 'POST', path: versioned(`${DEVICE}/explode`) };
    assert.equal((await refused(arm, 404, post)).code, 'InvalidResourceType');
  });

  test('wrong verbs on known paths', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    const wrong: [method: string, path: string][] = [
      ['POST', DEVICE],
      ['PATCH', `${DEVICE}/shares/s1`],
      ['PUT', `${DEVICE}/jobs/j1`],
      ['GET', `${DEVICE}/scanForUpdates`],
      ['PUT', `${DEVICE}/SCANFORUPDATES`],
      ['DELETE', DEVICES],
      ['OPTIONS', DEVICE],
      ['TRACE', DEVICE],
      ['PROPFIND', DEVICE],
    ];
    for (const [method, path] of wrong) {
      const { code } = await refused(arm, 405, { method, path: versioned(path) });
      assert.equal(code, 'MethodNotAllowed', `${method} ${path}`);
    }
  });

  test('an Expect that nobody knows is left unmet, in answers and in refusals', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    const headers = { expect: 'something' };
    const call = { method: 'GET', path: versioned(DEVICE), headers };
    assert.equal((await callRaw(arm.origin, call)).status, 200);
    const { code } = await refused(arm, 404, { ...call, path: versioned(`${DEVICE}2`) });
    assert.equal(code, 'ResourceNotFound');
  });

  test('what is missing above: the group, the device, the role', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    const schedule = JSON.stringify(SCHEDULE);
    const cases: [path: string, code: string, said: string][] = [
      [
        `${GROUP}X${DEVICE.slice(GROUP.length)}/bandwidthSchedules/s1`,
        'ResourceGroupNotFound',
        'X',
      ],
      [`${DEVICE}2/bandwidthSchedules/s1`, 'ParentResourceNotFound', 'edge12'],
      [`${DEVICE}/roles/k8s/addons/arc`, 'ParentResourceNotFound', 'k8s'],
      [`${DEVICE}2/roles/k8s/addons/arc`, 'ParentResourceNotFound', 'edge12'],
    ];
    for (const [path, code, said] of cases) {
      for (const call of [put(versioned(path), schedule), get(versioned(path))]) {
        const error = await refused(arm, 404, call);
        assert.equal(error.code, code, path);
        assert.match(error.message, new RegExp(`${said}'`));
      }
    }
  });

  test('names that ARM does not allow', async (t) => {
    const arm = await startListening(t);
    await arm.activeDevice();
    const body = JSON.stringify(SCHEDULE);
    const names = ['a%2Fb', 'a%5Cb', 'a%00b', 'a%0Ab', 'a%7Fb', 'a%3Cb', 'a%3Fb', 'a%25b', 'a%26b'];
    for (const name of [...names, 'a:b', 'a.', 'a%20', '..', '.', '%2E%2E', 'x'.repeat(261)]) {
      const path = versioned(`${DEVICE}/bandwidthSchedules/${name}`);
      assert.equal((await refused(arm, 400, put(path, body))).code, 'InvalidResourceName', name);
    }
  });

  test('names that look odd and are allowed, followed to their end by the URLs that come back', async (t) => {
    const arm = await startListening(t);
    await arm.activeDevice();
    const names = ['Grüße', '😀', 'a#b', 'a b', "it's", '__proto__', 'x'.repeat(260)];
    const follow = async (url: string | undefined): Promise<RawAnswer> =>
      callRaw(arm.origin, get(pathIn(url ?? '')));
    for (const name of names) {
      const path = versioned(`${DEVICE}/bandwidthSchedules/${encodeURIComponent(name)}`);
      const accepted = await callRaw(arm.origin, put(path, JSON.stringify(SCHEDULE)));
      assert.equal(accepted.status, 202, name);
      await arm.advance(minutes(1));
      const done = await follow(accepted.headers.location);
      assert.deepEqual([done.status, done.headers['retry-after']], [202, '1'], name);
      const { status, text } = await follow(done.headers.location);
      assert.deepEqual([status, (JSON.parse(text) as JsonObject).name], [200, name]);
    }
    const list = await arm.get(`${DEVICE}/bandwidthSchedules`);
    assert.equal((list.value as object[]).length, names.length);
  });

  test('group and subscription names that cannot be', async (t) => {
    const arm = await startListening(t);
    for (const group of ['..', 'a%2Fb', 'a%20b', 'x'.repeat(91)]) {
      const path = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices`;
      assert.equal(
        (await refused(arm, 400, get(versioned(path)))).code,
        'InvalidResourceName',
        group,
      );
    }
    for (const id of ['..', 'x', `${SUBSCRIPTION}%20`, '%00']) {
      const path = `/subscriptions/${id}/resourceGroups/a/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices`;
      assert.equal(
        (await refused(arm, 400, get(versioned(path)))).code,
        'InvalidSubscriptionId',
        id,
      );
    }
  });

  test('that cannot be decoded, are endless, or have dots where a name belongs', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    for (const path of ['%zz', '%E0%A4%A', 'x'.repeat(9000)]) {
      const answer = await callRaw(arm.origin, get(versioned(`${DEVICE}/shares/${path}`)));
      refusalIn(answer, 404);
      assert.match(String(answer.headers['x-ms-correlation-request-id']), /^[0-9a-f-]{36}$/);
    }
    for (const parent of ['..', '%2e%2e', '.']) {
      const { code } = await refused(arm, 404, get(versioned(`${DEVICES}/${parent}/shares`)));
      assert.equal(code, 'ParentResourceNotFound', parent);
    }
  });

  test('with doubled slashes, one at the end and in any casing are what they mean', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    const expected = await arm.get(DEVICE);
    const ways = [
      DEVICE.replace('/dataBox', '//dataBox'),
      `${DEVICE}/`,
      `//${DEVICE.slice(1).replaceAll('/', '///')}//`,
      DEVICE.toUpperCase(),
      DEVICE.toLowerCase(),
      DEVICE.replace('edge1', '%65dge1'),
    ];
    for (const way of ways) {
      const { status, text } = await callRaw(arm.origin, get(versioned(way)));
      assert.deepEqual([status, JSON.parse(text)], [200, expected], way);
    }
    const list = await callRaw(arm.origin, get(versioned(`${DEVICES.toUpperCase()}//`)));
    assert.deepEqual(JSON.parse(list.text), { value: [expected] });
    const made = await callRaw(arm.origin, put(versioned(`/${DEVICES}//edge2/`), BODY));
    assert.equal((JSON.parse(made.text) as JsonObject).id, `${DEVICES}/edge2`);
  });
});

describe('bodies', () => {
  test('malformed JSON, with nothing of it in the answer', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    const secret = '{"properties":{"encryptedPassword":{"value":"Plain-Secret"}';
    for (const body of [secret, '{', '{"a":}', 'nonsense', '{"a":1}}', '[1,,]', '\u0000']) {
      const answer = await callRaw(arm.origin, put(versioned(`${DEVICE}/users/anna`), body));
      const { code, message } = refusalIn(answer, 400);
      assert.equal(code, 'InvalidRequestContent', body);
      assert.match(message, /^The request content was invalid and could not be deserialized: '/);
      assert.doesNotMatch(answer.text, /Plain-Secret/);
    }
  });

  test('that are JSON and no object, or none at all', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    for (const path of [DEVICE, `${DEVICE}/bandwidthSchedules/s1`, `${DEVICE}/roles/k8s`]) {
      for (const body of ['null', '[]', '7', '"text"', 'true', '']) {
        const { code } = await refused(arm, 400, put(versioned(path), body));
        assert.match(code, /^(InvalidRequestContent|LocationRequired)$/, `${path} ${body}`);
      }
    }
    for (const body of ['null', '[]', '7', '']) {
      const patch = { method: 'PATCH', path: versioned(DEVICE), body };
      assert.equal((await refused(arm, 400, patch)).code, 'InvalidRequestContent');
    }
    assert.equal(
      (await refused(arm, 400, { method: 'PUT', path: versioned(DEVICE) })).code,
      'InvalidRequestContent',
    );
  });

  test('wrong types everywhere, all at once and each by its path', async (t) => {
    const arm = await startListening(t);
    await arm.activeDevice();
    const wrong = {
      properties: { start: 1, stop: null, rateInMbps: '100', days: { Monday: true } },
    };
    const path = versioned(`${DEVICE}/bandwidthSchedules/s1`);
    const { details, target, message } = await refused(arm, 400, put(path, JSON.stringify(wrong)));
    assert.deepEqual(details?.map((detail) => detail.target).sort(), [
      'properties.days',
      'properties.rateInMbps',
      'properties.start',
      'properties.stop',
    ]);
    assert.ok(details.some((detail) => detail.target === target));
    assert.match(message, /and 3 more/);
    assert.ok(details.every((detail) => detail.code === 'InvalidRequestContent'));
  });

  test('huge, tiny and odd numbers', async (t) => {
    const arm = await startListening(t);
    await arm.activeDevice();
    const path = versioned(`${DEVICE}/bandwidthSchedules/s1`);
    for (const rate of ['1e999', '-1e999', '-1', '20.5', '9007199254740993', '-0.5', '1e-400']) {
      const body = JSON.stringify(SCHEDULE).replace(':100', `:${rate}`);
      const { status, text } = await callRaw(arm.origin, put(path, body));
      assert.equal(status, rate === '1e-400' ? 202 : 400, `${rate} ${text}`);
    }
  });

  test('nested as deep as a body can be', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    const deep = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
    for (const body of [
      `{"location":"eastus","tags":${deep(100_000)}}`,
      `{"location":"eastus","sku":{"name":${deep(100_000)}}}`,
      '['.repeat(1_000_000) + ']'.repeat(1_000_000),
    ]) {
      await refused(arm, 400, put(versioned(DEVICE), body));
    }
    const ignored = (depth: number): string => `{"location":"eastus","systemData":${deep(depth)}}`;
    await refused(arm, 400, put(versioned(DEVICE), ignored(100_000)));
    assert.equal((await callRaw(arm.origin, put(versioned(DEVICE), ignored(90)))).status, 200);
  });

  test('with members that would change every object', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    for (const member of [
      '"__proto__":{"polluted":true}',
      '"constructor":{"prototype":{"polluted":true}}',
    ]) {
      const inside = `{"location":"eastus","tags":{${member}}}`;
      for (const body of [`{"location":"eastus",${member}}`, inside]) {
        await refused(arm, 400, put(versioned(DEVICE), body));
      }
    }
    for (const member of ['toString', 'constructor', 'hasOwnProperty']) {
      const body = `{"location":"eastus","${member}":1}`;
      assert.equal((await refused(arm, 400, put(versioned(DEVICE), body))).target, member);
    }
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });

  test('over the limit, whether they say so or not', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    const body = JSON.stringify({ location: 'eastus', tags: { a: 'x'.repeat(4 * 1024 * 1024) } });
    const { code } = await refused(arm, 413, put(versioned(DEVICE), body));
    assert.equal(code, 'RequestContentTooLarge');
    const almost = JSON.stringify({ location: 'eastus', tags: { a: 'x'.repeat(4_000_000) } });
    assert.equal((await refused(arm, 400, put(versioned(DEVICE), almost))).target, 'tags.a');
  });

  test('of another media type; JSON may have parameters and another name', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    const path = versioned(DEVICE);
    for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', '']) {
      const { code, message } = await refused(arm, 415, put(path, BODY, { 'content-type': type }));
      assert.equal(code, 'UnsupportedMediaType', type);
      assert.match(message, /Only 'application\/json' is supported/);
    }
    for (const type of ['application/json; charset=utf-8', 'APPLICATION/JSON', 'text/json']) {
      const { status } = await callRaw(arm.origin, put(path, BODY, { 'content-type': type }));
      assert.equal(status, 200, type);
    }
    assert.equal(
      (await callRaw(arm.origin, put(path, `\ufeff${BODY}`))).status,
      200,
      'a byte order mark',
    );
  });

  test('empty with a JSON content type where none is needed: Terraform and JS send that', async (t) => {
    const arm = await startListening(t);
    await arm.activeDevice();
    const path = versioned(`${DEVICE}/shares/nobody`);
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    for (const body of ['', undefined]) {
      assert.equal(
        (await callRaw(arm.origin, { method: 'DELETE', path, body, headers })).status,
        204,
      );
      const post = {
        method: 'POST',
        path: versioned(`${DEVICE}/getExtendedInformation`),
        body,
        headers,
      };
      assert.equal((await callRaw(arm.origin, post)).status, 200);
      const look = { method: 'GET', path: versioned(DEVICE), headers };
      assert.equal((await callRaw(arm.origin, look)).status, 200);
    }
    const bare = { method: 'POST', path: versioned(`${DEVICE}/generateCertificate`) };
    assert.equal((await callRaw(arm.origin, bare)).status, 200);
    const scan = { method: 'POST', path: versioned(`${DEVICE}/scanForUpdates`), body: '', headers };
    assert.equal((await callRaw(arm.origin, scan)).status, 202);
  });

  test('that disagree with the URL about id, name and type: the URL wins', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    const body = JSON.stringify({ location: 'eastus', id: '/x', name: 'other', type: 'None' });
    const { text } = await callRaw(arm.origin, put(versioned(DEVICE), body));
    const { id, name, type } = JSON.parse(text) as JsonObject;
    assert.deepEqual(
      [id, name, type],
      [DEVICE, 'edge1', 'Microsoft.DataBoxEdge/dataBoxEdgeDevices'],
    );
  });
});

describe('a second write while an operation runs', () => {
  test('is 409 without Retry-After, also where nothing is seen yet, and changes nothing', async (t) => {
    const arm = await startListening(t);
    await arm.activeDevice();
    for (const [path, body] of [
      [`${DEVICE}/shares/local1`, LOCAL_SHARE],
      [`${DEVICE}/users/anna`, USER],
      [`${DEVICE}/roles/k8s`, KUBERNETES_ROLE],
    ] as const) {
      await arm.accepted('put', path, body);
      for (const call of [
        put(versioned(path), JSON.stringify(body)),
        { method: 'DELETE', path: versioned(path) },
      ]) {
        const { code, message } = await refused(arm, 409, call);
        assert.equal(code, 'AnotherOperationInProgress');
        assert.match(message, /in progress/);
      }
    }
    await arm.done('put', `${DEVICE}/bandwidthSchedules/s1`, SCHEDULE);
    assert.equal(propertiesOf(await arm.get(`${DEVICE}/roles/k8s`)).provisioningState, 'Created');
  });

  test('of many at the same moment, exactly one is taken', async (t) => {
    const arm = await startListening(t);
    await arm.activeDevice();
    const path = versioned(`${DEVICE}/bandwidthSchedules/s1`);
    const rates = [100, 200, 300, 400, 500, 600];
    const answers = await Promise.all(
      rates.map(async (rateInMbps) =>
        callRaw(arm.origin, put(path, JSON.stringify(changed(SCHEDULE, { rateInMbps })))),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [202, 409, 409, 409, 409, 409]);
    await arm.advance(minutes(1));
    const taken = rates[answers.findIndex(({ status }) => status === 202)];
    assert.equal(propertiesOf(await arm.get(`${DEVICE}/bandwidthSchedules/s1`)).rateInMbps, taken);
  });
});

describe('what is hardly HTTP', () => {
  test('hosts that are none', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    for (const host of ['a b', '[', 'a:b', '%']) {
      const call = { ...get(versioned(`${DEVICE}/shares`)), headers: { host } };
      assert.equal((await refused(arm, 400, call)).code, 'BadRequest', host);
    }
    await refused(arm, 400, { ...get('/health/live'), headers: { host: 'a b' } });
  });

  test('headers beyond what is read', async (t) => {
    const arm = await startListening(t);
    const call = { ...get(versioned(DEVICE)), headers: { 'x-long': 'x'.repeat(20_000) } };
    const answer = await callRaw(arm.origin, call);
    assert.equal(refusalIn(answer, 431).code, 'RequestHeaderFieldsTooLarge');
    const url = get(versioned(`${DEVICE}/shares/${'x'.repeat(20_000)}`));
    await refused(arm, 431, url);
  });

  test('ids of the caller’s: kept where they are ids, made where they are not', async (t) => {
    const arm = await startListening(t);
    await arm.device();
    const correlation = 'x-ms-correlation-request-id';
    const sent = async (headers: Record<string, string>) =>
      (await callRaw(arm.origin, { ...get(versioned(DEVICE)), headers })).headers;
    const kept = await sent({ [correlation]: SUBSCRIPTION, 'x-ms-client-request-id': 'mine' });
    assert.deepEqual([kept[correlation], kept['x-ms-client-request-id']], [SUBSCRIPTION, 'mine']);
    const made = await sent({ [correlation]: 'not-an-id' });
    assert.match(String(made[correlation]), /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  });
});
