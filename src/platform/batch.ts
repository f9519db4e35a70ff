/**
 * `POST /batch`: several requests in one, as portal-like front ends send them (api-version 2020-06-01) [mem]. Each goes through the same
 * door and the same checks as if it had come alone, with the caller's own headers, and has its own status.
 */
import type { FastifyInstance, FastifyRequest, InjectOptions } from 'fastify';
import { originOf, send } from '#arm/door.ts';
import { errors } from '#arm/errors.ts';
import { askedVersion } from '#arm/versions.ts';
import type { Fault } from '#shared/failure.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { shortened } from '#shared/outline.ts';
import { queryOf, responsesOf, schemaOfExample } from '#shared/route-document.ts';

/** ARM's own limit [mem]. */
const MAX_REQUESTS = 20;
const METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE'] as const;
/** The headers of the batch that hold for each of its requests. */
const INHERITED = ['authorization', 'host', 'origin', 'x-ms-correlation-request-id'] as const;

interface BatchRequest {
  readonly name: string | undefined;
  readonly method: (typeof METHODS)[number];
  /** Path and query. */
  readonly url: string;
  readonly content: Json | undefined;
}

/** Mounts the route on the door of ARM, whose `inject` it uses. */
export function mountBatch(door: FastifyInstance): void {
  const schema = {
    tags: ['Microsoft.Resources'],
    summary: 'Carries out up to 20 requests.',
    querystring: queryOf({
      'api-version': { description: 'Of the batch.', example: '2020-06-01' },
    }),
    body: schemaOfExample({
      requests: [{ httpMethod: 'GET', url: '/subscriptions?api-version=2022-12-01' }],
    }),
    response: responsesOf(200),
  };
  door.post('/batch', { schema }, async (request, reply) => {
    if (askedVersion(request.query as JsonObject) === undefined) throw errors.missingApiVersion();
    const responses: JsonObject[] = [];
    for (const one of requestsIn(request.body)) responses.push(await carryOut(door, request, one));
    send(reply, request, { status: 200, body: { responses } });
    return reply;
  });
}

function requestsIn(body: unknown): BatchRequest[] {
  const requests = isJsonObject(body) ? body.requests : undefined;
  if (!Array.isArray(requests) || requests.length === 0 || requests.length > MAX_REQUESTS) {
    const message = `'requests' must be an array of 1 to ${MAX_REQUESTS} requests.`;
    throw errors.invalidContent([{ target: 'requests', message }]);
  }
  const faults: Fault[] = [];
  const read = requests.map((given, index): BatchRequest => {
    const target = `requests[${index}]`;
    const { httpMethod, url, relativeUrl, name, content } = isJsonObject(given) ? given : {};
    const method = METHODS.find((known) => known === httpMethod);
    if (method === undefined) {
      const message = `'httpMethod' must be one of: ${METHODS.join(', ')}.`;
      faults.push({ target: `${target}.httpMethod`, message });
    }
    const path = pathIn(url ?? relativeUrl);
    if (path === undefined) {
      const message = `'url' must be a path such as /subscriptions?api-version=2022-12-01, and no batch itself.`;
      faults.push({ target: `${target}.url`, message });
    }
    return {
      method: method ?? 'GET',
      url: path ?? '',
      name: typeof name === 'string' ? shortened(name) : undefined,
      content,
    };
  });
  if (faults.length > 0) throw errors.invalidContent(faults);
  return read;
}

/** Path and query of a URL; of an absolute one, those alone: a batch reaches this service and no other. */
function pathIn(url: Json | undefined): string | undefined {
  if (typeof url !== 'string' || !URL.canParse(url, 'http://localhost')) return undefined;
  const { pathname, search } = new URL(url, 'http://localhost');
  return /^\/+batch\/*$/i.test(pathname) ? undefined : pathname + search;
}

async function carryOut(
  door: FastifyInstance,
  batch: FastifyRequest,
  { name, method, url, content }: BatchRequest,
): Promise<JsonObject> {
  const inherited = INHERITED.flatMap((header) => {
    const value = batch.headers[header];
    return typeof value === 'string' ? [[header, value] as const] : [];
  });
  const options: InjectOptions = {
    method,
    url,
    remoteAddress: batch.ip,
    headers: { ...Object.fromEntries(inherited), 'content-type': 'application/json' },
    ...(content === undefined ? {} : { payload: JSON.stringify(content) }),
  };
  const answer = await door.inject(options);
  // What comes through no socket is plain HTTP to the door; the caller may have come by HTTPS.
  const text = JSON.stringify({ headers: answer.headers, body: answer.body });
  const plain = originOf(batch).replace(/^https:/, 'http:');
  const told = JSON.parse(text.replaceAll(`${plain}/`, `${originOf(batch)}/`)) as {
    readonly headers: JsonObject;
    readonly body: string;
  };
  return {
    ...(name === undefined ? {} : { name }),
    httpStatusCode: answer.statusCode,
    headers: told.headers,
    ...(told.body === '' ? {} : { content: JSON.parse(told.body) as Json }),
    contentLength: Buffer.byteLength(told.body),
  };
}
