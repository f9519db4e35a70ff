/** The API of a cluster by hand, over HTTPS with the certificate of a kubeconfig: calls, and watches that keep what they hear. */
import assert from 'node:assert/strict';
import { Agent, type RequestOptions, request as ask } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { parse } from 'yaml';
import type { JsonObject } from '#shared/json.ts';

export interface KubeAnswer {
  readonly status: number;
  readonly body: string;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: JsonObject & {
    readonly metadata: { readonly name?: string; readonly resourceVersion: string };
  };
}

const plain = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');

export class KubeHttps {
  readonly #options: RequestOptions;
  readonly #server: URL;

  /** `origin`: another process than the one that the kubeconfig names. */
  constructor(t: Pick<TestContext, 'after'>, kubeconfig: string, origin?: string, atOnce = 16) {
    const config = parse(kubeconfig) as {
      clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
      users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
    };
    const [{ cluster }] = config.clusters;
    const [{ user }] = config.users;
    this.#server = new URL(cluster.server);
    if (origin !== undefined) this.#server.port = new URL(origin).port;
    const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
    t.after(() => {
      agent.destroy();
    });
    this.#options = {
      agent,
      ca: plain(cluster['certificate-authority-data']),
      cert: plain(user['client-certificate-data']),
      key: plain(user['client-key-data']),
    };
  }

  /** One call; whatever the answer is. A body that is no text is sent as JSON. */
  async call(
    method: string,
    path: string,
    body?: string | Buffer | object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<KubeAnswer> {
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
    const bytes = body === undefined ? undefined : isRaw ? body : JSON.stringify(body);
    const response = await this.#request(path, {
      method,
      body: bytes,
      headers: {
        ...(bytes === undefined
          ? {}
          : {
              'content-type': 'application/json',
              'content-length': String(Buffer.byteLength(bytes)),
            }),
        ...headers,
      },
    });
    return { status: response.statusCode ?? 0, body: await text(response) };
  }

  /** One call that must be answered so; the answer's JSON. */
  async done(
    method: string,
    path: string,
    {
      body,
      status,
      type,
    }: { readonly body?: object; readonly status?: number; readonly type?: string } = {},
  ): Promise<JsonObject> {
    const answer = await this.call(
      method,
      path,
      body,
      type === undefined ? {} : { 'content-type': type },
    );
    const wanted = status ?? (method === 'POST' ? 201 : 200);
    assert.equal(answer.status, wanted, `${method} ${path}: ${answer.body}`);
    return JSON.parse(answer.body) as JsonObject;
  }

  /** Watches from a revision on. */
  async watch(path: string, from: string): Promise<Watch> {
    const separator = path.includes('?') ? '&' : '?';
    const whole = `${path}${separator}watch=1&allowWatchBookmarks=true&resourceVersion=${from}`;
    // A connection of its own: it lasts.
    const response = await this.#request(whole, { method: 'GET', headers: {}, agent: false });
    assert.equal(response.statusCode, 200);
    return new Watch(response);
  }

  /** Begins a request whose body never comes to its end; gives what ends it. */
  halfSend(path: string): () => void {
    const url = `${this.#server.origin}${this.#server.pathname}${path}`;
    const headers = { 'content-type': 'application/json', 'content-length': '10' };
    const sent = ask(url, { ...this.#options, method: 'POST', headers, agent: false });
    sent.on('error', () => undefined);
    sent.write('{');
    return () => sent.destroy();
  }

  async #request(
    path: string,
    {
      body,
      ...options
    }: {
      readonly method: string;
      readonly body?: string | Buffer | undefined;
      readonly headers: Readonly<Record<string, string>>;
      readonly agent?: false;
    },
  ): Promise<IncomingMessage> {
    const url = `${this.#server.origin}${this.#server.pathname}${path}`;
    return await new Promise((resolve, reject) => {
      const sent = ask(url, { ...this.#options, ...options }, resolve);
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

/** A watch that is under way, with what it has heard. */
export class Watch {
  readonly events: WatchEvent[] = [];
  /** Resolves when the stream ends, however it does. */
  readonly ended: Promise<void>;
  readonly #response: IncomingMessage;
  readonly #waiting = new Set<() => void>();

  constructor(response: IncomingMessage) {
    this.#response = response;
    const lines = createInterface({ input: response });
    lines.on('line', (line) => {
      this.events.push(JSON.parse(line) as WatchEvent);
      for (const look of this.#waiting) look();
    });
    lines.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      response.on('error', () => undefined);
      response.on('close', () => {
        resolve();
      });
    });
  }

  /** Resolves once something has been heard that is looked for; rejects where the stream ends before. */
  async hears(isIt: (event: WatchEvent) => boolean): Promise<WatchEvent> {
    return await new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.events.find(isIt);
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
      void this.ended.then(() => {
        reject(new Error(`the watch ended after ${this.events.length} events`));
      });
    });
  }

  close(): void {
    this.#response.destroy();
  }
}
