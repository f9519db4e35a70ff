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
import { minorOf } from '#kubernetes/foundation.ts';
import type { JsonObject } from '#shared/json.ts';
import { type Answer, send } from './answers.ts';
import type { Call } from './call.ts';
import { discoveryVersionOf } from './media.ts';
import { digestOf } from './watch.ts';

const json = (body: JsonObject): Answer => ({ code: 200, text: JSON.stringify(body) });
const plain = (text: string): Answer => ({ code: 200, text, type: 'text/plain; charset=utf-8' });

const HEALTH = new Set(['/healthz', '/livez', '/readyz']);

/** Answers a path; false where there is none of that name. */
export function answerPath(call: Call, path: string): boolean {
  const { request, response } = call;
  const { kubernetesVersion } = call.cluster.plane.world.foundation;
  if (path.startsWith('/openapi/v3')) return answerOpenApi(call, path, kubernetesVersion);
  const answer = HEALTH.has(path.replace(/\/.+$/, '').replace(/^$/, path))
    ? plain('ok')
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
  readonly text: string;
  readonly packed: Buffer;
  readonly etag: string;
}

/** Documents by path and version, made at the first request. */
const documents = new Map<string, Document>();

function answerOpenApi({ request, response }: Call, path: string, version: string): boolean {
  const document = documentOf(path.replace(/\/$/, ''), version);
  if (document === undefined) return false;
  const { text, packed, etag } = document;
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
  const body = isPacked ? packed : Buffer.from(text);
  response.writeHead(200, {
    ...headers,
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    ...(isPacked ? { 'Content-Encoding': 'gzip' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
  return true;
}

function documentOf(path: string, version: string): Document | undefined {
  const key = `${version} ${path}`;
  const known = documents.get(key);
  if (known !== undefined) return known;
  const body = bodyOf(path, version);
  if (body === undefined) return undefined;
  const text = JSON.stringify(body);
  const document = { text, packed: gzipSync(text), etag: `"${digestOf(text)}"` };
  documents.set(key, document);
  return document;
}

function bodyOf(path: string, version: string): JsonObject | undefined {
  if (path === '/openapi/v3') return openApiRoot(digestOf(version));
  const match = /^\/openapi\/v3\/(?:api|apis\/([^/]+))\/v1$/.exec(path);
  return match === null ? undefined : openApiDocument(match[1] ?? '', version);
}
