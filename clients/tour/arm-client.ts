/**
 * A small ARM client: one call, and the polling of a long-running operation in any of the forms that a 202 may ask for.
 * Called by `guide.ts`. It knows the service by HTTP alone, like every client.
 */
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';

export type Method = 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';

export interface Reply {
  readonly method: Method;
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  /** Empty where the answer has none. */
  readonly body: JsonObject;
}

/** An answer that the story has no use for; the tour ends with it. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';

  constructor({ method, url, status, body }: Reply) {
    super(`${method} ${url} answered ${status}: ${JSON.stringify(body)}`);
  }
}

const DATA_BOX_EDGE_VERSION = '2023-12-01';
const CONNECTED_CLUSTER_VERSION = '2021-10-01';
const PLATFORM_VERSION = '2021-04-01';

/** The api-version of a path; undefined where the path is none of ARM's. */
function versionOf(path: string): string | undefined {
  if (!path.startsWith('/subscriptions/')) return undefined;
  if (/\/providers\/Microsoft\.Kubernetes\//i.test(path)) return CONNECTED_CLUSTER_VERSION;
  return /\/resourceGroups\/[^/]+\/providers\//i.test(path)
    ? DATA_BOX_EDGE_VERSION
    : PLATFORM_VERSION;
}

/** A member of an answer as text; empty where it is not there. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value ?? '');
}

export class ArmClient {
  readonly #base: string;
  readonly #signal: AbortSignal | undefined;

  /** `base`: `http://127.0.0.1:8480`. Calls end when `signal` aborts. */
  constructor(base: string, signal?: AbortSignal) {
    this.#base = base.replace(/\/+$/, '');
    this.#signal = signal;
  }

  /** One call; `path` from the root, or a whole URL as a 202 gives it. The api-version is put on where one is missing. */
  async call(method: Method, path: string, body?: JsonObject): Promise<Reply> {
    const url = new URL(path, `${this.#base}/`);
    const version = versionOf(url.pathname);
    if (version !== undefined && !url.searchParams.has('api-version')) {
      url.searchParams.set('api-version', version);
    }
    const response = await fetch(url, {
      method,
      ...(this.#signal === undefined ? {} : { signal: this.#signal }),
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed: unknown = text === '' ? {} : JSON.parse(text);
    return {
      method,
      url: url.href,
      status: response.status,
      headers: response.headers,
      body: isJsonObject(parsed) ? parsed : {},
    };
  }
}

/** An operation that a 202 began. */
export class Operation {
  readonly #client: ArmClient;
  /** Azure-AsyncOperation tells the status in the body, Location in the answer's own status. */
  readonly #hasStatus: boolean;
  readonly #url: string;

  constructor(client: ArmClient, accepted: Reply) {
    const status = accepted.headers.get('azure-asyncoperation');
    const url = status ?? accepted.headers.get('location');
    if (accepted.status !== 202 || url === null) throw new UnexpectedAnswer(accepted);
    this.#client = client;
    this.#hasStatus = status !== null;
    this.#url = url;
  }

  /** Its id, which is also the name of its job where it has one. */
  get id(): string {
    return new URL(this.#url).pathname.split('/').at(-1) ?? '';
  }

  /** True when it has succeeded; throws when it has failed. */
  async isDone(): Promise<boolean> {
    const reply = await this.#client.call('GET', this.#url);
    if (reply.status >= 400) throw new UnexpectedAnswer(reply);
    if (this.#hasStatus) {
      const { status } = reply.body;
      if (status === 'Failed' || status === 'Canceled') throw new UnexpectedAnswer(reply);
      return status === 'Succeeded';
    }
    // Recorded from the real service: the end of a PUT is a 202 too, one that asks for no further wait.
    return reply.status !== 202 || reply.headers.get('retry-after') === null;
  }
}
