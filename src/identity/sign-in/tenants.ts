/**
 * Tenants and their addresses: a GUID in a URL is a tenant of its own, and every other name (`common`, `adfs`,
 * `contoso.onmicrosoft.com`) is the world's tenant. The documents that OpenID clients fetch before they request a token
 * (arm-protocol §6.1). Pure.
 */
import { isGuid } from '#arm/names.ts';
import type { JsonObject } from '#shared/json.ts';

/** An authority, as a client's URL names it. */
export interface Authority {
  /** `https://localhost:8480`, as in the client's request. */
  readonly origin: string;
  /** The tenant of the path, as written. */
  readonly tenant: string;
  /** The world's own tenant. */
  readonly home: string;
}

/** The tenant of an authority's tokens. */
export const tenantIdOf = ({ tenant, home }: Authority): string =>
  isGuid(tenant) ? tenant.toLowerCase() : home;

/** An AD FS has no tenants. az does not look one up in Microsoft's own list of authorities [az]. */
const isAdfs = ({ tenant }: Authority): boolean => tenant.toLowerCase() === 'adfs';

/** The issuer, `iss` of an authority's tokens. */
export function issuerOf(authority: Authority, version: 1 | 2): string {
  const { origin } = authority;
  if (isAdfs(authority)) return `${origin}/adfs`;
  return `${origin}/${tenantIdOf(authority)}${version === 2 ? '/v2.0' : '/'}`;
}

/** `…/.well-known/openid-configuration`. */
export function openIdConfiguration(authority: Authority, version: 1 | 2): JsonObject {
  const { origin, tenant } = authority;
  const base = `${origin}/${tenant}`;
  const oauth = version === 2 ? `${base}/oauth2/v2.0` : `${base}/oauth2`;
  return {
    issuer: issuerOf(authority, version),
    authorization_endpoint: `${oauth}/authorize`,
    token_endpoint: `${oauth}/token`,
    device_authorization_endpoint: `${oauth}/devicecode`,
    jwks_uri: version === 2 ? `${base}/discovery/v2.0/keys` : `${base}/discovery/keys`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'oid', 'tid', 'appid', 'name', 'upn'],
    http_logout_supported: false,
    frontchannel_logout_supported: false,
    tenant_region_scope: null,
    cloud_instance_name: new URL(origin).host,
  };
}

/** `/common/discovery/instance`: this authority is known and has no aliases. */
export function instanceDiscovery(origin: string): JsonObject {
  const { host } = new URL(origin);
  return {
    tenant_discovery_endpoint: `${origin}/common/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}
