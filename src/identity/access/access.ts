/**
 * Who may do what: the roles of a caller at and above a scope, from the configuration's clients and from role
 * assignments; and the hook that refuses what they do not permit. The hook stands in the list of the platform's hooks
 * only where sign-in is required.
 */
import { accessErrors } from '#arm/access-errors.ts';
import type { Caller } from '#arm/platform-route.ts';
import type { Arrival, Hook } from '#arm/provider.ts';
import { guid } from '#shared/random.ts';
import type { Database } from '#store/database.ts';
import { assignmentsOf, type RoleAssignmentRow } from '#store/role-assignments.ts';
import { customRoles } from '#store/role-definitions.ts';
import type { Instant } from '#shared/instant.ts';
import { isAtOrBelow } from '#arm/scopes.ts';
import type { Callers } from '../sign-in/callers.ts';
import { type Client, type ClientRole, objectIdOf } from '../sign-in/clients.ts';
import { CONTRIBUTOR, OWNER, permits, READER, roleOf } from './roles.ts';

/** The role that a client of the configuration has everywhere; an administrator of the emulator owns the world too. */
const ROLE_OF_CLIENT: Readonly<Record<ClientRole, string | undefined>> = {
  Owner: OWNER,
  EmulatorAdmin: OWNER,
  Contributor: CONTRIBUTOR,
  Reader: READER,
  None: undefined,
};

export interface AccessParts {
  readonly database: Database;
  readonly clients: readonly Client[];
  readonly seed: string;
  /** The moment from which the configuration's roles hold: the world's present one. */
  readonly now: () => Instant;
}

export class Access {
  readonly #parts: AccessParts;
  /** What the configuration gives, by object id, in the form of role assignments at the root. */
  readonly #configured: ReadonlyMap<string, RoleAssignmentRow>;
  readonly #administrators: ReadonlySet<string>;

  constructor(parts: AccessParts) {
    this.#parts = parts;
    const { clients, seed } = parts;
    this.#configured = new Map(
      clients
        .map((client) => configuredAssignment(client, parts))
        .filter((row) => row !== undefined)
        .map((row) => [row.principalId, row]),
    );
    this.#administrators = new Set(
      clients
        .filter(({ role }) => role === 'EmulatorAdmin')
        .map(({ clientId }) => objectIdOf(seed, clientId)),
    );
  }

  /** Whether the emulator's own doors are the caller's. */
  isAdministrator({ objectId }: Caller): boolean {
    return this.#administrators.has(objectId);
  }

  /** Roles at the root that no row holds. */
  configuredAssignments(): readonly RoleAssignmentRow[] {
    return [...this.#configured.values()];
  }

  /** Whether a role of the principal at `scope` or above it permits `action`. `scope` is in lower case. */
  async mayDo(principalId: string, action: string, scope: string): Promise<boolean> {
    const roles = await this.#rolesOf(principalId);
    return roles.some((row) => isAtOrBelow(scope, row.scope) && permits(row.role, action));
  }

  /** Whether it has any role in the subscription: then it sees that there is one. */
  async maySee(principalId: string, subscription: string): Promise<boolean> {
    const roles = await this.#rolesOf(principalId);
    return roles.some(
      ({ scope }) => isAtOrBelow(subscription, scope) || isAtOrBelow(scope, subscription),
    );
  }

  async #rolesOf(principalId: string) {
    const { database } = this.#parts;
    const configured = this.#configured.get(principalId);
    const given = await assignmentsOf(database, principalId);
    const custom = await customRoles(database);
    const rows = configured === undefined ? given : [configured, ...given];
    return rows.flatMap(({ scope, roleDefinition }) => {
      const role = roleOf(roleDefinition, custom);
      return role === undefined ? [] : [{ scope, role }];
    });
  }
}

function configuredAssignment(
  { clientId, role }: Client,
  { seed, now }: AccessParts,
): RoleAssignmentRow | undefined {
  const roleDefinition = ROLE_OF_CLIENT[role];
  if (roleDefinition === undefined) return undefined;
  const principalId = objectIdOf(seed, clientId);
  const name = guid(seed, 'role of client', clientId.toLowerCase());
  const id = `/providers/Microsoft.Authorization/roleAssignments/${name}`;
  return {
    ...{ key: id.toLowerCase(), id, name, scope: '', roleDefinition },
    ...{ principalId, principalType: 'ServicePrincipal' },
    description: 'EDGETWIN_CLIENTS',
    createdAt: now(),
    createdBy: '',
  };
}

/** The subscription itself: visible to whoever has a role anywhere in it. */
const SUBSCRIPTION_READ = 'microsoft.resources/subscriptions/read';

/** Refuses what the caller's roles do not permit, in ARM's sentence. What belongs to no subscription is for all to read. */
export function accessHook(callers: Callers, access: Access): Hook {
  return async (arrival) => {
    const caller = callers.admitted(arrival.headers);
    if (caller === undefined) return;
    if (arrival.subscriptionId === undefined && arrival.permission === 'read') return;
    const action = `${arrival.type ?? ''}/${arrival.permission}`;
    const scope = scopeOf(arrival);
    const key = scope.toLowerCase();
    const mayPass =
      action.toLowerCase() === SUBSCRIPTION_READ
        ? await access.maySee(caller.objectId, key)
        : await access.mayDo(caller.objectId, action, key);
    if (!mayPass) throw accessErrors.authorizationFailed(caller, action, scope);
  };
}

/**
 * What a request is about: the path without the action, and for a list what is listed in. Ids go in pairs of type and
 * name, so what stands alone at the end is neither.
 */
export function scopeOf({ path }: Pick<Arrival, 'path'>): string {
  const segments = path.split('/').slice(1);
  const start = segments.map((segment) => segment.toLowerCase()).lastIndexOf('providers');
  if (start === -1) return `/${segments.slice(0, segments.length & ~1).join('/')}`;
  const below = segments.slice(start + 2);
  const pairs = below.slice(0, below.length & ~1);
  const end = pairs.length === 0 ? start : start + 2 + pairs.length;
  return `/${segments.slice(0, end).join('/')}`;
}
