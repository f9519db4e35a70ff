import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent as HttpAgent, get as getHttp, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, get as getHttps } from 'node:https';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { startListening } from '../support/listening.ts';

const LIVE = '/health/live';
const GOOD = '{"status":"live"}';

type Get = typeof getHttp;
interface Asked {
  readonly status: number | undefined;
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
  readonly isReused: boolean;
}

async function ask(get: Get, url: string, options: object): Promise<Asked> {
  const request = get(url, options);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const { statusCode: status, headers } = answer;
  return { status, headers, text: await text(answer), isReused: request.reusedSocket };
}

describe('one port', () => {
  test('speaks HTTP and HTTPS, and keeps both kinds of connections', async (t) => {
    const arm = await startListening(t);
    const ca = await arm.service.authority.certificate();
    const kinds = [
      [getHttp, arm.origin, new HttpAgent({ keepAlive: true })],
      [getHttps, arm.origin.replace('http:', 'https:'), new HttpsAgent({ keepAlive: true, ca })],
    ] as const;
    for (let round = 0; round < 3; round++) {
      for (const [get, origin, agent] of kinds) {
        const answer = await ask(get, origin + LIVE, { agent });
        assert.deepEqual([answer.status, answer.text], [200, GOOD]);
        assert.equal(answer.isReused, round > 0, origin);
      }
    }
    for (const [, , agent] of kinds) agent.destroy();
  });

  test('says of itself what the caller used, and binds no browser to https', async (t) => {
    const arm = await startListening(t);
    const ca = await arm.service.authority.certificate();
    const secure = arm.origin.replace('http:', 'https:');
    const path = '/subscriptions?api-version=2022-12-01';
    const found = async (get: Get, origin: string): Promise<unknown> => {
      const url = `${origin}/common/v2.0/.well-known/openid-configuration`;
      return (JSON.parse((await ask(get, url, { ca, agent: false })).text) as { issuer: string })
        .issuer;
    };
    assert.ok(String(await found(getHttp, arm.origin)).startsWith(`${arm.origin}/`));
    assert.ok(String(await found(getHttps, secure)).startsWith(`${secure}/`));
    const plain = await ask(getHttp, arm.origin + path, { agent: false });
    const hidden = await ask(getHttps, secure + path, { ca, agent: false });
    assert.match(String(plain.headers['strict-transport-security']), /max-age/);
    assert.equal(hidden.headers['strict-transport-security'], undefined);
  });

  test('takes a request that comes byte by byte, several at once, and a large body', async (t) => {
    const arm = await startListening(t);
    const { port } = new URL(arm.origin);
    const socket = connect(Number(port), '127.0.0.1').setNoDelay(true);
    await once(socket, 'connect');
    const one = `GET ${LIVE} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
    for (const byte of one) {
      await new Promise<void>((resolve) => socket.write(byte, () => resolve()));
    }
    const large = JSON.stringify({ tags: { a: 'x'.repeat(300_000) } });
    socket.write(
      one +
        one +
        `PUT /nowhere HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n` +
        `connection: close\r\ncontent-length: ${large.length}\r\n\r\n${large}`,
    );
    const answers = await text(socket);
    assert.equal(answers.split('HTTP/1.1 200 OK').length - 1, 3);
    assert.equal(answers.split('HTTP/1.1 404').length - 1, 1);
  });

  test('many at once, of both kinds', async (t) => {
    const arm = await startListening(t);
    const ca = await arm.service.authority.certificate();
    const secure = arm.origin.replace('http:', 'https:');
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, index) =>
        index % 2 === 0
          ? ask(getHttp, arm.origin + LIVE, { agent: false })
          : ask(getHttps, secure + LIVE, { agent: false, ca }),
      ),
    );
    assert.ok(answers.every(({ text }) => text === GOOD));
  });

  test('survives whoever hangs up, distrusts it or speaks something else', async (t) => {
    const arm = await startListening(t);
    const port = Number(new URL(arm.origin).port);
    const ended = async (first: Buffer | undefined): Promise<void> => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      if (first === undefined) socket.end();
      else socket.end(first);
      socket.resume();
      await once(socket, 'close');
    };
    await ended(undefined);
    await ended(Buffer.from([0x16]));
    await ended(Buffer.from([0x16, 3, 1, 0, 4, 1, 2, 3, 4]));
    await ended(Buffer.from([0, 1, 2, 3]));
    const reset = connect(port, '127.0.0.1');
    await once(reset, 'connect');
    reset.resetAndDestroy();
    // Ours is not among the authorities that are trusted anyway.
    const distrusting = connectTls({ port, host: '127.0.0.1', servername: 'localhost' });
    const [error] = (await once(distrusting, 'error')) as [NodeJS.ErrnoException];
    assert.match(String(error.code), /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO/);
    const old = connectTls({ port, host: '127.0.0.1', maxVersion: 'TLSv1.1', minVersion: 'TLSv1' });
    await once(old, 'error');
    assert.equal((await ask(getHttp, arm.origin + LIVE, { agent: false })).text, GOOD);
  });

  test('a service that closes waits for no connection that has said nothing', async (t) => {
    const arm = await startListening(t);
    const port = Number(new URL(arm.origin).port);
    const silent = connect(port, '127.0.0.1');
    const used = new HttpAgent({ keepAlive: true });
    await once(silent, 'connect');
    silent.on('error', () => undefined);
    await ask(getHttp, arm.origin + LIVE, { agent: used });
    const gone = once(silent, 'close');
    await arm.service.close();
    await gone;
    used.destroy();
  });
});
