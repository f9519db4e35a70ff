/**
 * `/metadata/endpoints`: the addresses of a cloud's services, in the three shapes that clients request (arm-protocol §6.2),
 * and the list of clouds for `ARM_CLOUD_METADATA_URL`. Public. Every address is https, since the clients that read it do
 * not send tokens over http; one port serves both.
 */
import type { JsonObject } from '#shared/json.ts';

export interface Place {
  /** `localhost:8480`, as in the client's request. */
  readonly host: string;
  /** The world's tenant. */
  readonly tenant: string;
}

const CLOUD_NAME = 'Edgetwin';

/** The audiences of Azure's own clouds, first the one that az uses [az]. */
const AUDIENCES = ['https://management.core.windows.net/', 'https://management.azure.com/'];
const GRAPH = 'https://graph.microsoft.com/';

/** A cloud in the shape for Terraform (2022-09-01) and later clients. */
function cloud({ host, tenant }: Place): JsonObject {
  const origin = `https://${host}`;
  return {
    name: CLOUD_NAME,
    portal: origin,
    resourceManager: `${origin}/`,
    authentication: {
      loginEndpoint: origin,
      audiences: [...AUDIENCES, origin],
      tenant,
      identityProvider: 'AAD',
    },
    microsoftGraphResourceId: GRAPH,
    graph: GRAPH,
    graphAudience: GRAPH,
    gallery: `${origin}/`,
    sqlManagement: `${origin}/`,
    batch: `${origin}/`,
    suffixes: {
      storage: 'core.windows.net',
      keyVaultDns: 'vault.azure.net',
      sqlServerHostname: 'database.windows.net',
      acrLoginServer: 'azurecr.io',
    },
  };
}

/**
 * The list of clouds, in the shape for az. The authority is announced as an AD FS: any other az first looks up in
 * Microsoft's own list of authorities, on the internet [az].
 */
export function clouds(place: Place): JsonObject[] {
  const { authentication, ...rest } = cloud(place);
  const loginEndpoint = `https://${place.host}/adfs`;
  return [
    {
      ...rest,
      authentication: { ...(authentication as JsonObject), loginEndpoint, tenant: 'adfs' },
    },
  ];
}

/** 2018-01-01: the regions of each cloud [tf]. */
function regionsOfCloud({ host }: Place, locations: readonly string[]): JsonObject {
  return { cloudEndpoint: { [CLOUD_NAME]: { endpoint: host, locations: [...locations] } } };
}

/** 2015-01-01: Azure Stack's tools, `Add-AzEnvironment -ARMEndpoint` [mem]. */
function stack({ host }: Place): JsonObject {
  const origin = `https://${host}`;
  return {
    galleryEndpoint: `${origin}/`,
    graphEndpoint: GRAPH,
    portalEndpoint: `${origin}/`,
    authentication: { loginEndpoint: `${origin}/`, audiences: [...AUDIENCES, origin] },
  };
}

/** The answer of `/metadata/endpoints` for an api-version; the newest shape where there is none or an unknown one. */
export function metadataEndpoints(
  version: string | undefined,
  place: Place,
  locations: readonly string[],
): JsonObject | JsonObject[] {
  switch (version) {
    case '2015-01-01':
    case '2015-11-01':
      return stack(place);
    case '2018-01-01':
      return regionsOfCloud(place, locations);
    case '2019-05-01':
    case '2020-06-01':
      return clouds(place);
    default:
      return cloud(place);
  }
}
