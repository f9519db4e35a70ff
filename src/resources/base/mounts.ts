/** Shares mounted into roles: the same map stands in the role, which asks for it, and in the share, which shows it. */
import { Type } from 'typebox';
import { named, object, since, valuesIn } from '#arm/schema.ts';
import { readOnlyEnum, readOnlyString } from '#arm/shapes.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import type { ObservedMount } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
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
    roleId: readOnlyString(),
    mountPoint: readOnlyString(),
    mountType: readOnlyEnum(['Volume', 'HostPath'], named('MountType'), since('2020-09-01')),
    roleType: readOnlyEnum(
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

type MountPointMap = Accepted<typeof mountPointMap>;

/** A share in a role, as the machine shows it. */
export interface Mounting {
  readonly mount: ObservedMount;
  readonly role: string;
  readonly kind: (typeof ROLE_TYPES)[number];
}

/** The entry of one mounted share. */
export function mountView(
  target: Target,
  { mount, role, kind }: Mounting,
): Shown<typeof mountPointMap> {
  const device = deviceOf(target).id;
  return {
    shareId: `${device}/shares/${mount.share}`,
    roleId: `${device}/roles/${role}`,
    mountPoint: mount.mountPoint,
    mountType: mount.type,
    roleType: kind,
  };
}

/** What is wrong with the shares that a role asks for; `member` is the list's path. */
export async function mountFaults(
  target: Target,
  mappings: readonly MountPointMap[],
  member: string,
): Promise<Fault[]> {
  const ids = mappings.map(({ shareId }) => shareId);
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
export async function mountedShares(
  target: Target,
  mappings: readonly MountPointMap[],
): Promise<string[]> {
  const names = await Promise.all(
    mappings.map(async ({ shareId }) => await nameOnMachine(target, shareId)),
  );
  return names.filter((name) => name !== undefined);
}
