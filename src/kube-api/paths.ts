/** Paths that are no resources: version, health, discovery, OpenAPI. */
import { gzipSync } from 'node:zlib';
import {
  aggregatedDiscovery,
  apiGroup,
  apiGroups,
  apiResources,
  apiVersions,
} from '#kubernetes/discovery/discovery.ts';
import { openApiDocument, openApiRoot } from '#kubernetes/discovery/openapi.ts';
import { openApiV2, openApiV2Protobuf } from '#kubernetes/discovery/openapi-v2.ts';
import { minorOf } from '#kubernetes/foundation.ts';
import type { JsonObject } from '#shared/json.ts';
import { type Answer, send } from './answers.ts';
import type { Call } from './call.ts';
import { describe } from './descriptions.ts';
import { discoveryVersionOf, isOpenApiProtobuf } from './media.ts';
import { digestOf } from './watch.ts';

const json = (body: JsonObject): Answer => ({ code: 200, text: JSON.stringify(body) });
const plain = (text: string): Answer => ({ code: 200, text, type: 'text/plain; charset=utf-8' });

const HEALTH = /^\/(healthz|livez|readyz)(\/(ping|log|etcd))?$/;
/** Checks that one can ask for by name; each has passed where there is an answer at all (apiserver server/healthz). */
const CHECKS = ['ping', 'log', 'etcd'];

function healthText({ query }: Call, path: string): string {
  const [, door = '', check] = path.split('/');
  if (check !== undefined || !query.has('verbose')) return 'ok';
  return `${CHECKS.map((one) => `[+]${one} ok\n`).join('')}${door} check passed\n`;
}

/** Answers a path; false where there is none of that name. */
export function answerPath(call: Call, path: string): boolean {
  const { request, response } = call;
  const { kubernetesVersion } = call.cluster.plane.world.foundation;
  if (path === '/openapi/v2' || path.startsWith('/openapi/v3'))
    return answerOpenApi(call, path, kubernetesVersion);
  const answer = HEALTH.test(path)
    ? plain(healthText(call, path))
    : path === '/version'
      ? json(versionOf(kubernetesVersion))
      : discovery(call, path);
  if (answer === undefined) return false;
  send(response, answer, { isHead: request.method === 'HEAD' });
  return true;
}

function discovery({ request }: Call, path: string): Answer | undefined {
  const aggregated = discoveryVersionOf(request.headers.accept);
  const [, root = '', group = '', version, ...more] = path.split('/');
  if (more.length > 0 || (root !== 'api' && root !== 'apis')) return undefined;
  if (group === '') {
    if (aggregated === undefined) {
      return json(root === 'api' ? apiVersions(request.headers.host ?? '') : apiGroups());
    }
    const type = `application/json;g=apidiscovery.k8s.io;v=${aggregated};as=APIGroupDiscoveryList`;
    return { ...json(aggregatedDiscovery(root, aggregated)), type };
  }
  const found =
    root === 'api'
      ? group === 'v1' && version === undefined
        ? apiResources('')
        : undefined
      : version === undefined
        ? apiGroup(group)
        : version === 'v1'
          ? apiResources(group)
          : undefined;
  return found === undefined ? undefined : json(found);
}

/** `/version`: the version of the cluster, in the words of the real server. */
function versionOf(gitVersion: string): JsonObject {
  const full = /^v\d+\.\d+$/.test(gitVersion) ? `${gitVersion}.0` : gitVersion;
  return {
    major: '1',
    minor: String(minorOf(gitVersion)),
    gitVersion: full,
    gitCommit: digestOf(full).toLowerCase() + digestOf(`${full} commit`).slice(0, 8).toLowerCase(),
    gitTreeState: 'clean',
    buildDate: '2024-01-17T00:00:00Z',
    goVersion: 'go1.20.13',
    compiler: 'gc',
    platform: 'linux/amd64',
  };
}

interface Document {
  readonly bytes: Buffer;
  readonly packed: Buffer;
  readonly etag: string;
}

/** Documents by path, form and version, made at the first request. */
const documents = new Map<string, Document>();

const JSON_FORM = 'application/json';
const PROTOBUF_FORM = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

function answerOpenApi({ request, response }: Call, path: string, version: string): boolean {
  const isProtobuf = path === '/openapi/v2' && isOpenApiProtobuf(request.headers.accept);
  const form = isProtobuf ? PROTOBUF_FORM : JSON_FORM;
  const document = documentOf(path.replace(/\/$/, ''), { version, form });
  if (document === undefined) return false;
  const { bytes, packed, etag } = document;
  const headers = {
    Etag: etag,
    Vary: 'Accept, Accept-Encoding',
    // The address names the content.
    'Cache-Control':
      request.url?.includes('hash=') === true
        ? 'public, immutable, max-age=31536000'
        : 'no-cache, private',
  };
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers).end();
    return true;
  }
  const isPacked = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  const body = isPacked ? packed : bytes;
  response.writeHead(200, {
    ...headers,
    'Content-Type': form,
    'Content-Length': body.length,
    ...(isPacked ? { 'Content-Encoding': 'gzip' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
  return true;
}

interface Wanted {
  readonly version: string;
  readonly form: string;
}

function documentOf(path: string, wanted: Wanted): Document | undefined {
  const key = `${wanted.version} ${wanted.form} ${path}`;
  const known = documents.get(key);
  if (known !== undefined) return known;
  const bytes = bytesOf(path, wanted);
  if (bytes === undefined) return undefined;
  const document = {
    bytes,
    packed: gzipSync(bytes),
    etag: `"${digestOf(bytes.toString('latin1'))}"`,
  };
  documents.set(key, document);
  return document;
}

function bytesOf(path: string, { version, form }: Wanted): Buffer | undefined {
  if (path === '/openapi/v2') {
    const document = openApiV2(version, describe);
    return form === PROTOBUF_FORM
      ? Buffer.from(openApiV2Protobuf(document))
      : Buffer.from(JSON.stringify(document));
  }
  const body = bodyOf(path, version);
  return body === undefined ? undefined : Buffer.from(JSON.stringify(body));
}

function bodyOf(path: string, version: string): JsonObject | undefined {
  if (path === '/openapi/v3') return openApiRoot(digestOf(version));
  const match = /^\/openapi\/v3\/(?:api|apis\/([^/]+))\/v1$/.exec(path);
  return match === null ? undefined : openApiDocument(match[1] ?? '', version, describe);
}
