/** ARM by hand, for tests: short calls over supertest that say which answer they expect, and the states of the story. */
import assert from 'node:assert/strict';
import type { Response } from 'supertest';
import type TestAgent from 'supertest/lib/agent.js';
import { type Duration, minutes } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';

export const SUBSCRIPTION = '4385cf00-2d3a-425a-832f-f4285b1c9dce';
export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/GroupForEdgeAutomation`;
export const DEVICE = `${GROUP}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/edge1`;
export const VERSION = '2023-12-01';

/** A certificate for uploadCertificate: made by the first service of a process that needs one, since RSA keys take their time. */
let certificate: string | undefined;

type Method = 'get' | 'put' | 'patch' | 'post' | 'delete' | 'head';

export class ArmClient {
  readonly #agent: TestAgent;
  /** Moves the simulated clock and waits for all that falls due. */
  readonly advance: (length: Duration) => Promise<void>;

  constructor(agent: TestAgent, advance: (length: Duration) => Promise<void>) {
    this.#agent = agent;
    this.advance = advance;
  }

  /** One call; `api-version` is put on where the URL has none (pass a full URL or query to choose). */
  async call(method: Method, url: string, body?: Json): Promise<Response> {
    const path = pathIn(url);
    const separator = path.includes('?') ? '&' : '?';
    const versioned = /api-version=/i.test(path)
      ? path
      : `${path}${separator}api-version=${VERSION}`;
    const request = this.#agent[method](versioned);
    return await (body === undefined ? request : request.type('json').send(JSON.stringify(body)));
  }

  /** One call with a body that is sent as it stands, though it may be no JSON. */
  async sent(method: 'put' | 'post', url: string, text: string): Promise<Response> {
    const separator = url.includes('?') ? '&' : '?';
    const versioned = /api-version=/i.test(url) ? url : `${url}${separator}api-version=${VERSION}`;
    return await this.#agent[method](versioned).type('json').send(text);
  }

  async get(url: string, status = 200): Promise<JsonObject> {
    return this.#expect(await this.call('get', url), status);
  }

  /** All entries of a list: follows its links. */
  async all(url: string): Promise<JsonObject[]> {
    const entries: JsonObject[] = [];
    for (let next: Json | undefined = url; typeof next === 'string'; ) {
      const page: JsonObject = await this.get(next);
      entries.push(...(page.value as JsonObject[]));
      next = page.nextLink;
    }
    return entries;
  }

  async put(url: string, body: Json, status = 200): Promise<JsonObject> {
    return this.#expect(await this.call('put', url, body), status);
  }

  async post(url: string, body?: Json, status = 200): Promise<JsonObject> {
    return this.#expect(await this.call('post', url, body), status);
  }

  /** A write that must be accepted as an operation; the 202. */
  async accepted(method: Method, url: string, body?: Json): Promise<Response> {
    const response = await this.call(method, url, body);
    assert.equal(response.status, 202, JSON.stringify(response.body));
    return response;
  }

  /** A write and its end: accepts, moves the clock by `length`, and makes sure that the operation succeeded. */
  async done(method: Method, url: string, body?: Json, length = minutes(60)): Promise<void> {
    const response = await this.accepted(method, url, body);
    await this.advance(length);
    const polled = await this.call('get', pollUrl(response));
    const status = (polled.body as { status?: string }).status ?? 'Succeeded';
    assert.ok(polled.status < 400 && status === 'Succeeded', JSON.stringify(polled.body));
    const { location = '' } = polled.headers as { location?: string };
    const isAtTheResource = polled.status === 202 && !location.includes('/operationResults/');
    const isOver = isAtTheResource || polled.headers['retry-after'] === undefined;
    assert.ok(isOver, 'the operation has ended');
  }

  /** A refusal: the envelope's error, with its status. */
  async refused(
    method: Method,
    url: string,
    status: number,
    body?: Json,
  ): Promise<{ code: string; message: string; target?: string; details?: { target?: string }[] }> {
    const response = await this.call(method, url, body);
    assert.equal(response.status, status, JSON.stringify(response.body));
    const { error } = response.body as { error?: { code: string; message: string } };
    assert.ok(error?.code !== undefined && error.message !== '', 'every refusal has the envelope');
    return error;
  }

  /** A device, made in its group. */
  async device(more: JsonObject = {}, url = DEVICE): Promise<JsonObject> {
    const group = url.split('/').slice(0, 5).join('/');
    await this.call('put', `${group}?api-version=2021-04-01`, { location: 'eastus' });
    return await this.put(url, { location: 'eastus', sku: { name: 'EdgeP_Base' }, ...more });
  }

  /** A device whose machine the technician has activated. */
  async activeDevice(more: JsonObject = {}, url = DEVICE): Promise<JsonObject> {
    await this.device(more, url);
    const made = async (): Promise<string> =>
      textOf((await this.post(`${url}/generateCertificate`)).publicKey);
    certificate ??= await made();
    const { status } = await this.call('post', `${url}/uploadCertificate`, {
      properties: { certificate },
    });
    // One that was made for another test may be too old for this one's clock.
    if (status !== 200) {
      certificate = await made();
      await this.post(`${url}/uploadCertificate`, { properties: { certificate } });
    }
    await this.advance(minutes(6));
    return await this.get(url);
  }

  #expect(response: Response, status: number): JsonObject {
    assert.equal(response.status, status, JSON.stringify(response.body));
    return response.body as JsonObject;
  }
}

/** A URL without scheme and host: in these tests the port is another one at every call. */
export const pathIn = (url: string): string => url.replace(/^https?:\/\/[^/]+/, '');

/** Where a 202 says to look. */
export function pollUrl(response: Response): string {
  const { location, 'azure-asyncoperation': async } = response.headers as Record<string, string>;
  const url = async ?? location;
  assert.ok(url !== undefined, 'a 202 says where to poll');
  return url;
}

/** A member that must be a text. */
export function textOf(value: Json | undefined): string {
  assert.ok(typeof value === 'string', `a text, not ${JSON.stringify(value)}`);
  return value;
}

/** `properties` of a body. */
export function propertiesOf(body: JsonObject): JsonObject {
  return body.properties as JsonObject;
}

/** A Kubernetes role as a client puts it. */
export const KUBERNETES_ROLE = {
  kind: 'Kubernetes',
  properties: {
    hostPlatform: 'Linux',
    kubernetesClusterInfo: { version: 'v1.17.3' },
    kubernetesRoleResources: { storage: { endpoints: [] }, compute: { vmProfile: 'DS1_v2' } },
    roleStatus: 'Enabled',
  },
} as const satisfies JsonObject;

/** An Arc addon that connects to `name` in the tests' group. */
export function arcAddon(name: string): JsonObject {
  return {
    kind: 'ArcForKubernetes',
    properties: {
      subscriptionId: SUBSCRIPTION,
      resourceGroupName: 'GroupForEdgeAutomation',
      resourceName: name,
      resourceLocation: 'eastus',
    },
  };
}
