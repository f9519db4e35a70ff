/**
 * Access: the roles of a caller at and above a scope, from the configuration's clients and from role assignments, and the
 * hook that refuses requests that they do not permit. Only services that require sign-in have the hook.
 */
import { accessErrors } from '#arm/errors/access.ts';
import type { Caller } from '#arm/platform-route.ts';
import type { IncomingRequest, Hook } from '#arm/provider.ts';
import { scopesAbove } from '#shared/arm-id.ts';
import { guid } from '#shared/random.ts';
import type { Database } from '#store/database.ts';
import {
  assignmentsAt,
  hasAssignmentWithin,
  type RoleAssignmentRow,
} from '#store/role-assignments.ts';
import type { Instant } from '#shared/instant.ts';
import type { Callers } from '../sign-in/callers.ts';
import { type Client, type ClientRole, objectIdOf } from '../sign-in/clients.ts';
import { CONTRIBUTOR, findRole, OWNER, permits, READER } from './roles.ts';

/** The role that a client of the configuration has everywhere; an administrator of the emulator is an owner too. */
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
  /** Simulated time: the creation time of the configuration's role assignments. */
  readonly now: () => Instant;
}

export class Access {
  readonly #parts: AccessParts;
  /** The configuration's roles by object id, as role assignments at the root. */
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

  /** Whether the caller may use the emulator's own doors. */
  isAdministrator({ objectId }: Caller): boolean {
    return this.#administrators.has(objectId);
  }

  /** The configuration's role assignments, which are not stored. */
  configuredAssignments(): readonly RoleAssignmentRow[] {
    return [...this.#configured.values()];
  }

  /** Whether a role of the principal at `scope` or above it permits `action`. `scope` is in lower case. */
  async mayDo(principalId: string, action: string, scope: string): Promise<boolean> {
    const { database } = this.#parts;
    const configured = this.#configured.get(principalId);
    const assigned = await assignmentsAt(database, principalId, scopesAbove(scope));
    const names = [...(configured === undefined ? [] : [configured]), ...assigned].map(
      ({ roleDefinition }) => roleDefinition,
    );
    for (const name of new Set(names)) {
      const role = await findRole(database, name);
      if (role !== undefined && permits(role, action)) return true;
    }
    return false;
  }

  /** Whether the principal has any role in the subscription, and therefore sees that it exists. */
  async maySee(principalId: string, subscription: string): Promise<boolean> {
    if (this.seesEverySubscription(principalId)) return true;
    return await hasAssignmentWithin(this.#parts.database, principalId, subscription);
  }

  /** Whether the principal has a role above all subscriptions. */
  seesEverySubscription(principalId: string): boolean {
    return this.#configured.has(principalId);
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

/** Reading a subscription itself is permitted with any role in it. */
const SUBSCRIPTION_READ = 'microsoft.resources/subscriptions/read';

/** Refuses what the caller's roles do not permit, in ARM's words. Everyone may read what belongs to no subscription. */
export function accessHook(callers: Callers, access: Access): Hook {
  return async (incoming) => {
    const caller = callers.admitted(incoming.headers);
    if (caller === undefined) return;
    if (incoming.subscriptionId === undefined && incoming.permission === 'read') return;
    const action = `${incoming.type ?? ''}/${incoming.permission}`;
    const scope = scopeOf(incoming);
    const key = scope.toLowerCase();
    const mayPass =
      action.toLowerCase() === SUBSCRIPTION_READ
        ? await access.maySee(caller.objectId, key)
        : await access.mayDo(caller.objectId, action, key);
    if (!mayPass) throw accessErrors.authorizationFailed(caller, action, scope);
  };
}

/**
 * The scope of a request: its path without the action, and for a list the path of the listed resources' parent. Ids are
 * pairs of type and name, so a single segment at the end belongs to the action or the list.
 */
export function scopeOf({ path }: Pick<IncomingRequest, 'path'>): string {
  const segments = path.split('/').slice(1);
  const start = segments.map((segment) => segment.toLowerCase()).lastIndexOf('providers');
  if (start === -1) return `/${segments.slice(0, segments.length & ~1).join('/')}`;
  const below = segments.slice(start + 2);
  const pairs = below.slice(0, below.length & ~1);
  const end = pairs.length === 0 ? start : start + 2 + pairs.length;
  return `/${segments.slice(0, end).join('/')}`;
}
