/** Sign-in and access, built from the configuration by `app.ts`. */
import type { Hook } from '#arm/provider.ts';
import { type Instant, wallNow } from '#shared/instant.ts';
import type { Database } from '#store/database.ts';
import type { Vault } from '#vault/vault.ts';
import { Access, accessHook } from './access/access.ts';
import { Callers } from './sign-in/callers.ts';
import { administratorOf, type Client, type NewAdministrator } from './sign-in/clients.ts';
import { TokenEndpoint } from './sign-in/token-endpoint.ts';
import { Tokens } from './sign-in/tokens.ts';
import { tenantOf } from '#arm/tenant.ts';

export interface IdentityParts {
  readonly database: Database;
  readonly vault: Vault;
  readonly seed: string;
  /** Simulated time. */
  readonly now: () => Instant;
  /** Whether callers must sign in. */
  readonly isRequired: boolean;
  /** The clients that may sign in; empty: one administrator is created. */
  readonly clients: readonly Client[];
  /** Our own host names. */
  readonly names: readonly string[];
}

export interface Identity {
  /** The world's own tenant. */
  readonly tenantId: string;
  readonly tokens: Tokens;
  readonly tokenEndpoint: TokenEndpoint;
  readonly access: Access;
  /** Undefined: callers need not sign in. */
  readonly callers: Callers | undefined;
  /** The check of access, the first of the platform's hooks; undefined: everything is permitted. */
  readonly hook: Hook | undefined;
  /** Created at this start; its secret must be printed now, since it is not stored. */
  readonly newAdministrator: NewAdministrator | undefined;
}

export async function openIdentity(parts: IdentityParts): Promise<Identity> {
  const { database, vault, seed, now, isRequired, names } = parts;
  const tenantId = tenantOf(seed);
  const needsAdministrator = isRequired && parts.clients.length === 0;
  const administrator = needsAdministrator ? await administratorOf(vault) : undefined;
  const clients = administrator === undefined ? parts.clients : [administrator.client];
  const tokens = new Tokens(vault, wallNow);
  const access = new Access({ database, clients, seed, now });
  const callers = isRequired ? new Callers({ tokens, tenantId, names, now: wallNow }) : undefined;
  return {
    tenantId,
    tokens,
    tokenEndpoint: new TokenEndpoint({ tokens, clients, isOpen: !isRequired, seed, now: wallNow }),
    access,
    callers,
    hook: callers === undefined ? undefined : accessHook(callers, access),
    newAdministrator: administrator?.created,
  };
}
