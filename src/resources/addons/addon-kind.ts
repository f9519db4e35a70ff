/** What a kind of addon is: `addons.ts` asks this of the file of each, and does the rest for all of them. */
import type { TObject, TSchema } from 'typebox';
import type { Plan } from '#arm/resource-type.ts';
import { named } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { readOnlyEnum, readOnlyString } from '#arm/shapes.ts';
import type { Observation, ProvisioningState } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
import type { Existing, Target } from '../base/define.ts';
import type { SecretPlace } from '../base/encrypted-secret.ts';
import { envelope, systemDataSince } from '../base/envelope.ts';

type PropertiesOf<Body> = Body extends { readonly properties: infer P } ? P : never;

/** A kind of addon whose whole resource is of schema `S`. */
export interface AddonKind<S extends TSchema> {
  readonly schema: S;
  /** The places of its secrets. */
  readonly secrets: readonly SecretPlace<PropertiesOf<Accepted<S>>>[];
  check(target: Target<Accepted<S>>, body: Accepted<S>): Promise<readonly Fault[]>;
  planPut(target: Target, body: Accepted<S>): Promise<Plan>;
  planDelete(target: Existing<Accepted<S>>): Promise<Plan>;
  /** Its own part of `properties` of a GET. */
  view(target: Existing<Accepted<S>>): Omit<PropertiesOf<Shown<S>>, keyof typeof addonState>;
  /** How it is on the machine, or undefined if it is not there. */
  seen(
    observation: Observation,
  ):
    | { readonly addon: string; readonly state: ProvisioningState; readonly version: string }
    | undefined;
}

/** Defines a kind of addon; the identity function, for its types. */
export const defineAddonKind = <S extends TSchema>(kind: AddonKind<S>): AddonKind<S> => kind;

/** What every kind of addon has around its properties, and at the end of them. */
export const addonEnvelope = { ...envelope, systemData: systemDataSince('2020-09-01') } as const;
export const addonState = {
  version: readOnlyString(),
  hostPlatform: readOnlyEnum(['Windows', 'Linux'], named('PlatformType')),
  hostPlatformType: readOnlyEnum(['KubernetesCluster', 'LinuxVM'], named('HostPlatformType')),
  provisioningState: readOnlyEnum(
    ['Invalid', 'Creating', 'Created', 'Updating', 'Reconfiguring', 'Failed', 'Deleting'],
    named('AddonState'),
  ),
} as const;
export type AddonState = Shown<TObject<typeof addonState>>;
