/**
 * The door of sign-in: metadata, OpenID discovery, key set, token endpoint, managed identity; and the certificate that
 * clients must trust. All of it is public. Mounted by `doors.ts`.
 */
import type {} from '@fastify/swagger';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { originOf, send } from '#arm/door.ts';
import type { Answer } from '#arm/polling.ts';
import { askedVersion } from '#arm/versions.ts';
import type { JsonObject } from '#shared/json.ts';
import type { Identity } from '../identity.ts';
import { credentialsIn, type Form } from './grants.ts';
import { clouds, metadataEndpoints, type Place } from './metadata.ts';
import { type Authority, instanceDiscovery, openIdConfiguration } from './tenants.ts';
import type { TokenRequest } from './token-endpoint.ts';

export interface SignInParts {
  readonly identity: Identity;
  /** The regions of the metadata. */
  readonly locations: readonly string[];
}

interface SignInRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly summary: string;
  carryOut(request: FastifyRequest): Promise<Answer>;
}

const MAX_FORM_BYTES = 64 * 1024;

/** Mounts all but the certificate. Forms are read here, and at no other door. */
export function mountSignIn(door: FastifyInstance, parts: SignInParts): void {
  door.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: MAX_FORM_BYTES },
    (_request, body, parsed) => {
      parsed(null, Object.fromEntries(new URLSearchParams(body as string)));
    },
  );
  for (const route of [...discoveryRoutes(parts), ...tokenRoutes(parts.identity)]) {
    door.route({
      method: route.method,
      url: route.path,
      schema: { tags: ['Sign-in'], summary: route.summary },
      handler: async (request, reply) => {
        send(reply, request, uncached(await route.carryOut(request)));
        return reply;
      },
    });
  }
}

/** Mounts the certificate that clients must trust; `certificate` gives its PEM. */
export function mountCertificate(door: FastifyInstance, certificate: () => Promise<string>): void {
  door.get(
    '/_edgetwin/ca.pem',
    { schema: { tags: ['Sign-in'], summary: 'The certificate to trust for HTTPS.' } },
    async (_request, reply) =>
      reply
        .header('content-type', 'application/x-pem-file')
        .header('cache-control', 'no-store')
        .send(await certificate()),
  );
}

/** Answers with tokens must not be cached. */
const uncached = (answer: Answer): Answer => ({
  ...answer,
  headers: { 'cache-control': 'no-store', ...answer.headers },
});

/** 200 with a body; az's list of clouds is the only one that is not an object. */
const ok = (body: JsonObject | JsonObject[]): Answer => ({
  status: 200,
  body: body as JsonObject,
});

const authorityOf = (request: FastifyRequest, { tenantId }: Identity): Authority => ({
  origin: originOf(request),
  tenant: (request.params as { tenant?: string }).tenant ?? tenantId,
  home: tenantId,
});

const GET = { method: 'GET' } as const;

/** The documents that clients fetch before they request a token. */
function discoveryRoutes(parts: SignInParts): SignInRoute[] {
  return [...cloudRoutes(parts), ...authorityRoutes(parts)];
}

/** The addresses of this cloud's services. */
function cloudRoutes({ identity, locations }: SignInParts): SignInRoute[] {
  const placeOf = (request: FastifyRequest): Place => ({
    host: new URL(originOf(request)).host,
    tenant: identity.tenantId,
  });
  return [
    {
      ...GET,
      path: '/metadata/endpoints',
      summary: 'Shows where the services of this cloud are.',
      carryOut: async (request) =>
        ok(metadataEndpoints(askedVersion(request.query as Form), placeOf(request), locations)),
    },
    {
      ...GET,
      path: '/metadata/clouds',
      summary: 'Lists this cloud, for ARM_CLOUD_METADATA_URL.',
      carryOut: async (request) => ok(clouds(placeOf(request))),
    },
    {
      ...GET,
      path: '/common/discovery/instance',
      summary: 'Confirms that this authority is known.',
      carryOut: async (request) => ok(instanceDiscovery(originOf(request))),
    },
  ];
}

/** An authority's endpoints and keys. */
function authorityRoutes({ identity }: SignInParts): SignInRoute[] {
  const configuration =
    (version: 1 | 2): SignInRoute['carryOut'] =>
    async (request) =>
      ok(openIdConfiguration(authorityOf(request, identity), version));
  const keySet = async (): Promise<Answer> => ok(await identity.tokens.keySet());
  return [
    {
      ...GET,
      path: '/:tenant/v2.0/.well-known/openid-configuration',
      summary: 'Shows the endpoints of a tenant.',
      carryOut: configuration(2),
    },
    {
      ...GET,
      path: '/:tenant/.well-known/openid-configuration',
      summary: 'Shows the endpoints of a tenant, version 1.',
      carryOut: configuration(1),
    },
    {
      ...GET,
      // After the path of an AD FS az appends the tenant again, to read the tenant's id from the issuer [az].
      path: '/adfs/adfs/.well-known/openid-configuration',
      summary: 'Shows the endpoints of an AD FS, as az looks up a tenant.',
      carryOut: async (request) =>
        ok(openIdConfiguration({ ...authorityOf(request, identity), tenant: 'adfs' }, 1)),
    },
    ...['/:tenant/discovery/v2.0/keys', '/:tenant/discovery/keys'].map((path) => ({
      ...GET,
      path,
      summary: 'Shows the keys that tokens are signed with.',
      carryOut: keySet,
    })),
  ];
}

/** The routes that issue tokens. */
function tokenRoutes(identity: Identity): SignInRoute[] {
  const { tokenEndpoint } = identity;
  const requestOf = (request: FastifyRequest, version: 1 | 2): TokenRequest => ({
    authority: authorityOf(request, identity),
    version,
    form: credentialsIn(formIn(request.body), request.headers.authorization),
    correlationId: request.correlationId,
  });
  return [
    ...([1, 2] as const).flatMap((version): SignInRoute[] => {
      const base = `/:tenant/oauth2${version === 2 ? '/v2.0' : ''}`;
      return [
        {
          method: 'POST',
          path: `${base}/token`,
          summary: 'Issues a token.',
          carryOut: async (request) => await tokenEndpoint.token(requestOf(request, version)),
        },
        {
          method: 'POST',
          path: `${base}/devicecode`,
          summary: 'Issues a device code, in a service that does not require sign-in.',
          carryOut: async (request) => await tokenEndpoint.deviceCode(requestOf(request, version)),
        },
      ];
    }),
    {
      method: 'GET',
      path: '/metadata/identity/oauth2/token',
      summary: "Issues a token of this machine's identity.",
      carryOut: async (request) => await managedIdentity(request, identity),
    },
  ];
}

const formIn = (fields: unknown): Form =>
  Object.fromEntries(
    Object.entries((fields ?? {}) as Form).filter(([, value]) => typeof value === 'string'),
  );

/**
 * Tokens of the managed identity need no secret. As with the real endpoint, web pages and forwarded requests get none, and
 * where sign-in is required only programs of this machine get one [doc, mem].
 */
async function managedIdentity(request: FastifyRequest, identity: Identity): Promise<Answer> {
  const { metadata, origin, 'x-forwarded-for': forwarded } = request.headers;
  if (metadata?.toString().toLowerCase() !== 'true') {
    return refusedIdentity(400, 'Required metadata header not specified');
  }
  const isLocal = identity.callers === undefined || isLoopback(request.socket.remoteAddress);
  if (!isLocal || origin !== undefined || forwarded !== undefined) {
    return refusedIdentity(403, 'The identity endpoint is for programs of this machine only');
  }
  const form = formIn(request.query);
  if (form.resource === undefined) {
    return refusedIdentity(400, "Required query variable 'resource' is missing");
  }
  const { correlationId } = request;
  return await identity.tokenEndpoint.managedIdentity({
    authority: authorityOf(request, identity),
    form,
    correlationId,
  });
}

const isLoopback = (address = ''): boolean => address === '::1' || /^(::ffff:)?127\./.test(address);

const refusedIdentity = (status: number, message: string): Answer => ({
  status,
  body: { error: 'invalid_request', error_description: message },
});
