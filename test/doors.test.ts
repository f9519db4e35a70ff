/** Doors beside ARM's: what a door reads, how it refuses and what it asks of its callers holds for that door alone. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FastifyError, FastifyInstance } from 'fastify';
import supertest, { type Test } from 'supertest';
import { openDoor, send } from '#arm/door.ts';
import { DEVICE, GROUP } from './support/arm-client.ts';
import { keptLog } from './support/log.ts';
import { startService } from './support/service.ts';
import { REQUIRED } from './support/sign-in.ts';

const PAGE = 'https://portal.example';

/** A door of another protocol under `/foreign`: lines instead of JSON, plain text instead of the envelope. */
async function openForeignDoor(server: FastifyInstance): Promise<void> {
  await server.register(
    async (door) => {
      door.addContentTypeParser(
        ['application/json', 'text/lines'],
        { parseAs: 'string' },
        (_request, body, done) => {
          done(null, (body as string).split('\n'));
        },
      );
      door.setErrorHandler(async (error: FastifyError, _request, reply) =>
        reply.code(418).type('text/plain').send(`foreign: ${error.message}`),
      );
      door.setNotFoundHandler(async (_request, reply) =>
        reply.code(404).type('text/plain').send('foreign: nothing here'),
      );
      door.post('/lines', async ({ body }) => ({ lines: body, calls: 1 }));
      door.get('/failure', async () => {
        throw new Error('broken');
      });
      door.get('/:name', async () => ({ is: 'foreign' }));
    },
    { prefix: '/foreign' },
  );
}

/** A door that takes what Fastify itself brings, with no parser or handler of its own. */
async function openPlainDoor(server: FastifyInstance): Promise<void> {
  await server.register(
    async (door) => {
      door.post('/echo', async ({ body }) => ({ body }));
      door.get('/failure', async () => {
        throw new Error('broken');
      });
    },
    { prefix: '/plain' },
  );
}

type Ask = (method: 'get' | 'post' | 'put' | 'options', path: string) => Test;

async function startWithDoors(
  t: Parameters<typeof startService>[0],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ask> {
  const { service } = await startService(t, environment, {
    openDoors: async (server) => {
      await openForeignDoor(server);
      await openPlainDoor(server);
    },
  });
  return (method, path) => supertest(service.door.server)[method](path);
}

const ARM_HEADERS = [
  'x-ms-request-id',
  'x-ms-correlation-request-id',
  'x-ms-failure-cause',
  'access-control-allow-origin',
];

describe('a door of another protocol', () => {
  test('reads bodies its own way, and ARM goes on reading strict JSON', async (t) => {
    const ask = await startWithDoors(t);
    const foreign = await ask('post', '/foreign/lines').type('application/json').send('a\n{b');
    assert.deepEqual([foreign.status, foreign.body], [200, { lines: ['a', '{b'], calls: 1 }]);
    const ours = await ask('put', `${GROUP}?api-version=2021-04-01`)
      .type('application/json')
      .send('a\n{b');
    assert.deepEqual([ours.status, ours.body.error.code], [400, 'InvalidRequestContent']);
    const lines = await ask('put', `${GROUP}?api-version=2021-04-01`).type('text/lines').send('a');
    assert.equal(lines.status, 415, 'a parser of the foreign door does not serve ARM');
    const form = await ask('post', '/foreign/lines').type('form').send('grant_type=x');
    assert.deepEqual(
      [form.status, form.text.slice(0, 9)],
      [418, 'foreign: '],
      'sign-in reads forms',
    );
  });

  test('refuses its own way, and ARM goes on answering in the envelope', async (t) => {
    const ask = await startWithDoors(t);
    const failure = await ask('get', '/foreign/failure');
    assert.deepEqual([failure.status, failure.text], [418, 'foreign: broken']);
    const control = await ask('put', '/_edgetwin/clock').type('application/json').send('{');
    assert.deepEqual([control.status, control.body.error.code], [400, 'InvalidRequestContent']);
    const token = await ask('post', '/common/oauth2/token').type('text/plain').send('x');
    assert.deepEqual([token.status, token.body.error.code], [415, 'UnsupportedMediaType']);
  });

  test('answers unknown paths below its prefix, and ARM all others', async (t) => {
    const ask = await startWithDoors(t);
    const foreign = await ask('post', '/foreign/nowhere/at/all');
    assert.deepEqual([foreign.status, foreign.text], [404, 'foreign: nothing here']);
    for (const path of ['/nowhere', '/foreigners', '/_edgetwin/nowhere', '/docs/nowhere']) {
      const { status, body } = await ask('get', path);
      assert.deepEqual([status, body.error.code], [404, 'NotFound'], path);
    }
    const provider = await ask('get', `${GROUP}/providers/Microsoft.Foreign/a/b?api-version=x`);
    assert.equal(provider.body.error.code, 'InvalidResourceNamespace');
  });

  test('carries none of ARM’s headers and none of its CORS', async (t) => {
    const ask = await startWithDoors(t);
    for (const path of ['/foreign/thing', '/foreign/failure', '/foreign/nowhere/at/all']) {
      const { headers } = await ask('get', path).set('origin', PAGE);
      assert.deepEqual(
        ARM_HEADERS.filter((name) => name in headers),
        [],
        path,
      );
    }
    const preflight = await ask('options', '/foreign/thing')
      .set('origin', PAGE)
      .set('access-control-request-method', 'GET');
    assert.equal(preflight.status, 404);
    const ours = await ask('get', `${DEVICE}?api-version=2023-12-01`).set(
      'origin',
      'http://localhost:1',
    );
    assert.deepEqual(
      ARM_HEADERS.filter((name) => !(name in ours.headers)),
      [],
    );
  });

  test('admits its callers by itself where ARM’s must sign in', async (t) => {
    const ask = await startWithDoors(t, REQUIRED);
    assert.equal((await ask('get', '/foreign/thing')).status, 200);
    assert.equal((await ask('get', `${GROUP}?api-version=2021-04-01`)).status, 401);
    assert.equal((await ask('get', '/nowhere')).status, 401);
    assert.equal((await ask('get', '/_edgetwin/clock')).status, 401);
    assert.equal((await ask('get', '/health/live')).status, 200);
  });

  test('that brings no parser and no handler has Fastify’s own, not ARM’s', async (t) => {
    const ask = await startWithDoors(t);
    const text = await ask('post', '/plain/echo').type('text/plain').send('hello');
    assert.deepEqual(text.body, { body: 'hello' });
    const { status, body } = await ask('get', '/plain/failure');
    assert.deepEqual(
      [status, body],
      [500, { statusCode: 500, error: 'Internal Server Error', message: 'broken' }],
    );
  });
});

test('an answer that cannot be sent is logged, ends its connection, and leaves the service running', async (t) => {
  const log = keptLog();
  const { service } = await startService(
    t,
    {},
    {
      openDoors: async (server) => {
        await openDoor(server, log, (door) => {
          door.get('/unsendable', (request, reply) => {
            send(reply, request, { status: 200, headers: { 'x-note': 'two\nlines' }, body: {} });
          });
        });
      },
    },
  );
  const client = supertest(service.door.server);
  await assert.rejects(async () => client.get('/unsendable'), /socket hang up|ECONNRESET/);
  assert.deepEqual(log.errors, ['a request failed']);
  assert.equal((await client.get('/health/live')).status, 200);
});
