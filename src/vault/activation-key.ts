/**
 * The activation key: the text that a customer pastes into the appliance's local web interface. SDKs make it on the
 * client; here it is read as the appliance reads it. Faults must not contain the value of a member, since the key holds a
 * private key and the channel integrity key.
 * Format: base64(UTF-8 JSON) # the first 16 hex digits of SHA-512 over that base64 text, appliance.md §2.1 (sdk).
 */
import { createHash } from 'node:crypto';
import { isJsonObject } from '#shared/json.ts';
import { bytesOfBase64, textOfBytes } from './opened.ts';

/** The members of an activation key that differ from key to key. */
export interface ActivationKeyParts {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly resourceName: string;
  /** `ManagementCertificate.privateKey`. A secret. */
  readonly managementCert: string;
  /** The service's number for the device, as uploadCertificate gives it (19 digits), not the ARM id. */
  readonly resourceId: string;
  readonly aadAuthority: string;
  /** `https://azuredataboxedge/{location}/{resourceId}/{resourceId}`. */
  readonly aadAudience: string;
  readonly aadTenantId: string;
  readonly servicePrincipalClientId: string;
  readonly azureManagementEndpointAudience: string;
  /** The channel integrity key. A secret. */
  readonly serviceDataIntegrityKey: string;
}

const CHECKSUM_DIGITS = 16;

/** The members with the same value in every key. */
const CONSTANTS = {
  ResourceType: 'dataBoxEdgeDevices',
  ProviderNamespace: 'Microsoft.DataBoxEdge',
  IdentityProvider: 'AAD',
} as const;

const checksumOf = (body: string): string =>
  createHash('sha512').update(body, 'utf8').digest('hex').slice(0, CHECKSUM_DIGITS);

/** The activation key of `parts`, members in the SDK's order. */
export function makeActivationKey(parts: ActivationKeyParts): string {
  const members = {
    SubscriptionId: parts.subscriptionId,
    ResourceType: CONSTANTS.ResourceType,
    ResourceName: parts.resourceName,
    ManagementCert: parts.managementCert,
    ResourceId: parts.resourceId,
    AadAuthority: parts.aadAuthority,
    AadAudience: parts.aadAudience,
    AadTenantId: parts.aadTenantId,
    ServicePrincipalClientId: parts.servicePrincipalClientId,
    AzureManagementEndpointAudience: parts.azureManagementEndpointAudience,
    ProviderNamespace: CONSTANTS.ProviderNamespace,
    ResourceGroup: parts.resourceGroup,
    ServiceDataIntegrityKey: parts.serviceDataIntegrityKey,
    IdentityProvider: CONSTANTS.IdentityProvider,
  };
  const body = Buffer.from(JSON.stringify(members), 'utf8').toString('base64');
  return `${body}#${checksumOf(body)}`;
}

/**
 * The parts of a pasted key, or its fault. White space around and inside the key is ignored (mail programs wrap keys),
 * names of members are matched without case (the SDK's own reader expects camelCase [D]), and unknown members are ignored.
 */
export function readActivationKey(text: string): ActivationKeyParts | { readonly fault: string } {
  const [body, checksum, ...more] = text.replace(/\s/g, '').split('#');
  if (body === undefined || body === '') return { fault: 'The activation key is empty.' };
  if (checksum === undefined || more.length > 0) {
    return {
      fault: 'The activation key is not complete: expected one # between content and checksum.',
    };
  }
  if (checksum.toLowerCase() !== checksumOf(body)) {
    return {
      fault: 'The checksum of the activation key is wrong: it was cut or changed when copied.',
    };
  }
  const bytes = bytesOfBase64(body);
  if (bytes === undefined) return { fault: 'The content of the activation key is not base64.' };
  const members = membersOf(bytes);
  if (members === undefined) {
    return { fault: 'The content of the activation key is not a JSON object.' };
  }
  return partsOf(members);
}

/** The members by their names in lower case; undefined where the bytes are not a JSON object. */
function membersOf(bytes: Buffer): ReadonlyMap<string, unknown> | undefined {
  try {
    const content: unknown = JSON.parse(textOfBytes(bytes) ?? '');
    if (!isJsonObject(content)) return undefined;
    return new Map(Object.entries(content).map(([name, value]) => [name.toLowerCase(), value]));
  } catch {
    return undefined;
  }
}

function partsOf(members: ReadonlyMap<string, unknown>): ActivationKeyParts | { fault: string } {
  for (const [name, expected] of Object.entries(CONSTANTS)) {
    const value = members.get(name.toLowerCase());
    if (typeof value !== 'string' || value.toLowerCase() !== expected.toLowerCase()) {
      return { fault: `The activation key is not for this product: ${name} is not ${expected}.` };
    }
  }
  const missing: string[] = [];
  const take = (part: keyof ActivationKeyParts): string => {
    const value = members.get(part.toLowerCase());
    if (typeof value === 'string' && value !== '') return value;
    missing.push(part.charAt(0).toUpperCase() + part.slice(1));
    return '';
  };
  const parts: ActivationKeyParts = {
    subscriptionId: take('subscriptionId'),
    resourceGroup: take('resourceGroup'),
    resourceName: take('resourceName'),
    managementCert: take('managementCert'),
    resourceId: take('resourceId'),
    aadAuthority: take('aadAuthority'),
    aadAudience: take('aadAudience'),
    aadTenantId: take('aadTenantId'),
    servicePrincipalClientId: take('servicePrincipalClientId'),
    azureManagementEndpointAudience: take('azureManagementEndpointAudience'),
    serviceDataIntegrityKey: take('serviceDataIntegrityKey'),
  };
  return missing.length === 0
    ? parts
    : { fault: `The activation key lacks ${missing.join(', ')}.` };
}
