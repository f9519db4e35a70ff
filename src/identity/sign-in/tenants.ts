/**
 * Tenants and their addresses: any name in a URL is a tenant, a GUID is itself and every other name (`common`, `adfs`,
 * `contoso.onmicrosoft.com`) is the world's own. What OpenID clients look up before they ask for a token
 * (arm-protocol §6.1): pure answers.
 */
import { isGuid } from '#arm/names.ts';
import type { JsonObject } from '#shared/json.ts';

/** An authority as a client named it. */
export interface Authority {
  /** `https://localhost:8480`, as the client reached us. */
  readonly origin: string;
  /** The tenant of the path, as written. */
  readonly tenant: string;
  /** The world's own tenant. */
  readonly home: string;
}

/** The tenant that the tokens of an authority are of. */
export const tenantIdOf = ({ tenant, home }: Authority): string =>
  isGuid(tenant) ? tenant.toLowerCase() : home;

/** An AD FS knows no tenants: az takes one where it must not ask Microsoft's own list of authorities [az]. */
const isAdfs = ({ tenant }: Authority): boolean => tenant.toLowerCase() === 'adfs';

/** Who signs: what `iss` of its tokens says. */
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

/** `/common/discovery/instance`: this authority is known, and has no other name. */
export function instanceDiscovery(origin: string): JsonObject {
  const { host } = new URL(origin);
  return {
    tenant_discovery_endpoint: `${origin}/common/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}
