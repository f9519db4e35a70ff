/**
 * A small ARM client: single calls, and the polling of long-running operations in any of the forms that a 202 may request.
 * Used by `guide.ts`. Like every client it knows the service over HTTP only.
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

/** An answer with another status than expected; it ends the tour. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';

  constructor({ method, url, status, body }: Reply) {
    super(`${method} ${url} answered ${status}: ${JSON.stringify(body)}`);
  }
}

const DATA_BOX_EDGE_VERSION = '2023-12-01';
const CONNECTED_CLUSTER_VERSION = '2021-10-01';
const PLATFORM_VERSION = '2021-04-01';

/** The api-version for a path; undefined where it is not a path of ARM. */
function versionOf(path: string): string | undefined {
  if (!path.startsWith('/subscriptions/')) return undefined;
  if (/\/providers\/Microsoft\.Kubernetes\//i.test(path)) return CONNECTED_CLUSTER_VERSION;
  return /\/resourceGroups\/[^/]+\/providers\//i.test(path)
    ? DATA_BOX_EDGE_VERSION
    : PLATFORM_VERSION;
}

/** A member of an answer as text; empty where it is missing. */
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

  /** The text of an answer that is no JSON; throws where there is none. */
  async text(path: string): Promise<string> {
    const response = await fetch(new URL(path, `${this.#base}/`), {
      ...(this.#signal === undefined ? {} : { signal: this.#signal }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${text}`);
    return text;
  }

  /** Makes a call. `path` is from the root, or a whole URL of a 202; an api-version is added where it has none. */
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

/** A long-running operation, from the 202 that accepted it. */
export class Operation {
  readonly #client: ArmClient;
  /** The URL of Azure-AsyncOperation answers with the status in the body, that of Location with its HTTP status. */
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

  /** The operation's id, which is also the name of its job where it has one. */
  get id(): string {
    return new URL(this.#url).pathname.split('/').at(-1) ?? '';
  }

  /** Whether the operation has succeeded; throws where it has failed. */
  async isDone(): Promise<boolean> {
    const reply = await this.#client.call('GET', this.#url);
    if (reply.status >= 400) throw new UnexpectedAnswer(reply);
    if (this.#hasStatus) {
      const { status } = reply.body;
      if (status === 'Failed' || status === 'Canceled') throw new UnexpectedAnswer(reply);
      return status === 'Succeeded';
    }
    // Recorded from the real service: a PUT also ends with a 202, which points at the resource and no longer at the operation.
    const next = reply.headers.get('location') ?? this.#url;
    return reply.status !== 202 || new URL(next).pathname !== new URL(this.#url).pathname;
  }
}
