/**
 * Who may sign in with a secret: the clients that the configuration names, or the one administrator that a first start
 * makes. Secrets are here as digests only. Called by the token endpoint and by `access/`.
 */
import { randomUUID } from 'node:crypto';
import { guid } from '#shared/random.ts';
import { type Digest, digestOf, isSecretOf, newSecret } from '#vault/digest.ts';
import type { Vault } from '#vault/vault.ts';

/** What a client may do from the start, everywhere; `None`: only what role assignments give it. */
export const CLIENT_ROLES = ['Owner', 'Contributor', 'Reader', 'EmulatorAdmin', 'None'] as const;
export type ClientRole = (typeof CLIENT_ROLES)[number];

export interface Client {
  readonly clientId: string;
  readonly secretDigest: Digest;
  readonly role: ClientRole;
}

/** An administrator that was made just now; its secret is told once and kept nowhere. */
export interface NewAdministrator {
  readonly clientId: string;
  readonly secret: string;
}

/**
 * `clientId:secret:Role` with commas between them. A secret may hold colons, no commas. Gives what is wrong with the first
 * bad one instead, by its place: no part of it is repeated, since it holds a secret.
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

/** What a wrong client id is compared with, so that it takes as long as a wrong secret. */
const NOBODY = digestOf(newSecret());

/** The client of this id and secret; `unknown` where there is no such id, `wrong` where the secret is another. */
export function clientOf(
  clients: readonly Client[],
  clientId: string,
  secret: string,
): Client | 'unknown' | 'wrong' {
  const client = clients.find((known) => isClient(known, clientId));
  const isRight = isSecretOf(secret, client?.secretDigest ?? NOBODY);
  if (client === undefined) return 'unknown';
  return isRight ? client : 'wrong';
}

/** The object id of a client's service principal: what roles are assigned to. Drawn from the world's seed. */
export const objectIdOf = (seed: string, clientId: string): string =>
  guid(seed, 'service principal', clientId.toLowerCase());

/** The administrator of this data; the first call makes it, and only that one has its secret to tell. */
export async function administratorOf(
  vault: Vault,
): Promise<{ readonly client: Client; readonly made: NewAdministrator | undefined }> {
  const made: NewAdministrator = { clientId: randomUUID(), secret: newSecret() };
  const draft: Client = {
    clientId: made.clientId,
    secretDigest: digestOf(made.secret),
    role: 'EmulatorAdmin',
  };
  const kept = await vault.ownSecret('administrator', () => Promise.resolve(JSON.stringify(draft)));
  const client = JSON.parse(kept) as Client;
  return { client, made: client.clientId === made.clientId ? made : undefined };
}
