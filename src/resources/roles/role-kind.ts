/** What a kind of role is: `roles.ts` asks this of the file of each, and does the rest for all of them. */
import type { TSchema } from 'typebox';
import { named, oneOf } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import type { Command, Observation } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
import type { Existing, Target } from '../base/define.ts';
import type { SecretPlace } from '../base/encrypted-secret.ts';
import { envelope, systemDataSince } from '../base/envelope.ts';

/** The properties of a role, which every stored one has. */
type PropertiesOf<Body> = Body extends { readonly properties?: infer P } ? NonNullable<P> : never;

/** A kind of role whose whole resource is of schema `S`. */
export interface RoleKind<S extends TSchema> {
  readonly schema: S;
  /** It is put and deleted as a cluster is, with Azure-AsyncOperation, and seen at once [rec 16]. Default: as a share [rec 9–11]. */
  readonly isCluster?: boolean;
  /** The places of its secrets. */
  readonly secrets: readonly SecretPlace<PropertiesOf<Accepted<S>>>[];
  /** The `properties` of a body that has a kind and nothing more. Default: its required members are missing. */
  readonly preset?: PropertiesOf<Accepted<S>>;
  /** What is wrong with its `properties`. */
  check(target: Target, properties: PropertiesOf<Accepted<S>>): Promise<readonly Fault[]>;
  /** What the machine has to do for it. */
  commandFor(target: Target, properties: PropertiesOf<Accepted<S>>): Promise<Command>;
  /** What the machine has to do when it is deleted. */
  removalOf(target: Existing): Command;
  /** `properties` of a GET. */
  view(target: Existing<Accepted<S>>, seen: Observation): PropertiesOf<Shown<S>>;
}

/** Defines a kind of role; the identity function, for its types. */
export const defineRoleKind = <S extends TSchema>(kind: RoleKind<S>): RoleKind<S> => kind;

/** The api-versions that have the kinds which came with 2020-09-01. */
export const NEWER_KIND = '2020-09-01..';

export const roleStatus = oneOf(['Enabled', 'Disabled'], named('RoleStatus'));
export const hostPlatform = oneOf(['Windows', 'Linux'], named('PlatformType'));

/** What every kind of role has around its properties. */
export const roleEnvelope = { ...envelope, systemData: systemDataSince('2020-09-01') } as const;

/** Edge compute of this device runs on Linux (iotapi, compute). */
export const platformFaults = (platform: 'Windows' | 'Linux', kind: string): Fault[] =>
  platform === 'Linux'
    ? []
    : [
        {
          target: 'properties.hostPlatform',
          message: `The ${kind} role runs on the host platform 'Linux' only.`,
        },
      ];
