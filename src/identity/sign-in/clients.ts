/**
 * The clients that may sign in with a secret: those of the configuration, or the one administrator that the first start
 * creates. Their secrets are held as digests only.
 */
import { randomUUID } from 'node:crypto';
import { guid } from '#shared/random.ts';
import { type Digest, digestOf, isSecretOf, newSecret } from '#vault/digest.ts';
import type { Vault } from '#vault/vault.ts';

/** The role that a client has everywhere; with `None` it has only those of its role assignments. */
export const CLIENT_ROLES = ['Owner', 'Contributor', 'Reader', 'EmulatorAdmin', 'None'] as const;
export type ClientRole = (typeof CLIENT_ROLES)[number];

export interface Client {
  readonly clientId: string;
  readonly secretDigest: Digest;
  readonly role: ClientRole;
}

/** An administrator that was created at this start; its secret is printed once and not stored. */
export interface NewAdministrator {
  readonly clientId: string;
  readonly secret: string;
}

/**
 * Reads `clientId:secret:Role`, separated by commas; a secret may contain colons but no commas. The fault of the first
 * invalid entry names its position and quotes nothing, since an entry contains a secret.
 */
export function readClients(text: string): readonly Client[] | { readonly fault: string } {
  const clients: Client[] = [];
  for (const [index, part] of text.split(',').entries()) {
    const match = /^([^:]+):(.+):([A-Za-z]+)$/.exec(part.trim());
    const [, clientId = '', secret = '', roleName = ''] = match ?? [];
    const role = CLIENT_ROLES.find((known) => known === roleName);
    if (match === null || role === undefined) {
      return {
        fault: `entry ${index + 1} must be clientId:secret:Role, with a Role of ${CLIENT_ROLES.join(', ')}`,
      };
    }
    if (clients.some((client) => isClient(client, clientId))) {
      return { fault: `entry ${index + 1} names a client for the second time` };
    }
    clients.push({ clientId, secretDigest: digestOf(secret), role });
  }
  return clients;
}

const isClient = (client: Client, clientId: string): boolean =>
  client.clientId.toLowerCase() === clientId.toLowerCase();

/** Compared for an unknown client id, so that it takes as long as a wrong secret. */
const UNKNOWN_CLIENT_SECRET = digestOf(newSecret());

/** The client with this id and secret; `unknown` for an unknown id, `wrong` for a wrong secret. */
export function clientOf(
  clients: readonly Client[],
  clientId: string,
  secret: string,
): Client | 'unknown' | 'wrong' {
  const client = clients.find((known) => isClient(known, clientId));
  const isRight = isSecretOf(secret, client?.secretDigest ?? UNKNOWN_CLIENT_SECRET);
  if (client === undefined) return 'unknown';
  return isRight ? client : 'wrong';
}

/** The object id of a client's service principal, to which roles are assigned. Drawn from the world's seed. */
export const objectIdOf = (seed: string, clientId: string): string =>
  guid(seed, 'service principal', clientId.toLowerCase());

/** The administrator of this data folder. The first call creates it, and only that call returns its secret. */
export async function administratorOf(
  vault: Vault,
): Promise<{ readonly client: Client; readonly created: NewAdministrator | undefined }> {
  const fresh: NewAdministrator = { clientId: randomUUID(), secret: newSecret() };
  const draft: Client = {
    clientId: fresh.clientId,
    secretDigest: digestOf(fresh.secret),
    role: 'EmulatorAdmin',
  };
  const stored = await vault.ownSecret('administrator', () =>
    Promise.resolve(JSON.stringify(draft)),
  );
  const client = JSON.parse(stored) as Client;
  return { client, created: client.clientId === fresh.clientId ? fresh : undefined };
}
