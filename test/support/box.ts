/** The local web interface of a device, as a client with cookies sees it. */
import assert from 'node:assert/strict';
import type { Json, JsonObject } from '#shared/json.ts';
import { DEVICE } from './arm-client.ts';

interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** One device's interface. */
export class Box {
  readonly #base: string;
  #cookie = '';
  #token = '';

  constructor(origin: string, device = DEVICE) {
    this.#base = `${origin}/local${device}`;
  }

  async call(method: 'GET' | 'POST', path: string, body?: Json, withToken = true): Promise<Answer> {
    const response = await fetch(`${this.#base}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.#cookie === '' ? {} : { cookie: this.#cookie }),
        ...(withToken && this.#token !== '' ? { RequestVerificationToken: this.#token } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const [cookie] = response.headers.getSetCookie();
    if (cookie !== undefined) this.#cookie = cookie.split(';')[0] ?? '';
    this.#token = response.headers.get('RequestVerificationToken') ?? this.#token;
    return { status: response.status, body: (await response.json()) as Json };
  }

  /** As the module's `Login`. */
  async signIn(password: string, next?: string): Promise<number> {
    const more = next === undefined ? {} : { NewPassword: next, NewPassword2: next };
    return (await this.call('POST', '/api/Login', { Password: password, ...more })).status;
  }

  async get(path: string): Promise<JsonObject> {
    const { status, body } = await this.call('GET', path);
    assert.equal(status, 200, JSON.stringify(body));
    return body as JsonObject;
  }
}
