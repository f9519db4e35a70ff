/** Shares mounted into roles: the same map stands in the role, which asks for it, and in the share, which shows it. */
import { Type } from 'typebox';
import { named, object, shownText, since, valuesIn } from '#arm/schema.ts';
import { shownEnum } from '#arm/shapes.ts';
import type { ObservedMount } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
import { isJsonObject, type Json, type JsonObject, textIn } from '#shared/json.ts';
import { deviceOf } from './machine.ts';
import type { Target } from './define.ts';
import { nameOnMachine, referenceFaults } from './references.ts';

const NEWER_ROLES = '2020-09-01..';

const ROLE_TYPES = [
  'IOT',
  'ASA',
  'Functions',
  'Cognitive',
  'MEC',
  'CloudEdgeManagement',
  'Kubernetes',
] as const;

export const mountPointMap = object(
  {
    shareId: Type.String(),
    roleId: shownText(),
    mountPoint: shownText(),
    mountType: shownEnum(['Volume', 'HostPath'], named('MountType'), since('2020-09-01')),
    roleType: shownEnum(
      ROLE_TYPES,
      named('RoleTypes'),
      valuesIn({
        MEC: NEWER_ROLES,
        CloudEdgeManagement: NEWER_ROLES,
        Kubernetes: NEWER_ROLES,
      }),
    ),
  },
  named('MountPointMap'),
);

/** A share in a role, as the machine shows it. */
export interface Mounting {
  readonly mount: ObservedMount;
  readonly role: string;
  readonly kind: string;
}

/** The entry of one mounted share. */
export function mountView(target: Target, { mount, role, kind }: Mounting): JsonObject {
  const device = deviceOf(target).id;
  return {
    shareId: `${device}/shares/${mount.share}`,
    roleId: `${device}/roles/${role}`,
    mountPoint: mount.mountPoint,
    mountType: mount.type,
    roleType: kind,
  };
}

const shareIdsIn = (mappings: Json | undefined): string[] =>
  Array.isArray(mappings)
    ? mappings.filter(isJsonObject).map((mapping) => textIn(mapping, 'shareId'))
    : [];

/** What is wrong with the shares that a role asks for; `member` is the list's path. */
export async function mountFaults(
  target: Target,
  mappings: Json | undefined,
  member: string,
): Promise<Fault[]> {
  const ids = shareIdsIn(mappings);
  const faults = await referenceFaults(
    target,
    ids.map((id, index) => ({ member: `${member}[${index}].shareId`, id, segment: 'shares' })),
  );
  const isTwice = new Set(ids.map((id) => id.toLowerCase())).size !== ids.length;
  return isTwice
    ? [...faults, { target: member, message: 'A share must not be mounted twice.' }]
    : faults;
}

/** The names of the shares that a role asks for. */
export async function mountedShares(target: Target, mappings: Json | undefined): Promise<string[]> {
  const names = await Promise.all(
    shareIdsIn(mappings).map(async (id) => nameOnMachine(target, id)),
  );
  return names.filter((name) => name !== undefined);
}
