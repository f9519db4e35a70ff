/** What a kind of addon is: `addons.ts` asks this of the file of each, and does the rest for all of them. */
import type { TSchema } from 'typebox';
import type { Plan } from '#arm/resource-type.ts';
import { named, shownText } from '#arm/schema.ts';
import { shownEnum } from '#arm/shapes.ts';
import type { Observation, ProvisioningState } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
import type { JsonObject } from '#shared/json.ts';
import type { SecretPlace } from '../base/encrypted-secret.ts';
import { envelope, systemDataSince } from '../base/envelope.ts';
import type { Existing, Target } from '../base/define.ts';

export interface AddonKind {
  /** The whole resource. */
  readonly schema: TSchema;
  /** Where its secrets stand. */
  readonly secrets: readonly SecretPlace[];
  check(target: Target, properties: JsonObject): Promise<readonly Fault[]>;
  planPut(target: Target, properties: JsonObject): Promise<Plan>;
  planDelete(target: Existing): Promise<Plan>;
  /** Its own part of `properties` of a GET. */
  view(target: Existing): JsonObject;
  /** How it stands on the machine, or undefined where it isn't there. */
  seen(
    observation: Observation,
  ):
    | { readonly addon: string; readonly state: ProvisioningState; readonly version: string }
    | undefined;
}

/** What every kind of addon has around its properties, and at the end of them. */
export const addonEnvelope = { ...envelope, systemData: systemDataSince('2020-09-01') } as const;
export const addonState = {
  version: shownText(),
  hostPlatform: shownEnum(['Windows', 'Linux'], named('PlatformType')),
  hostPlatformType: shownEnum(['KubernetesCluster', 'LinuxVM'], named('HostPlatformType')),
  provisioningState: shownEnum(
    ['Invalid', 'Creating', 'Created', 'Updating', 'Reconfiguring', 'Failed', 'Deleting'],
    named('AddonState'),
  ),
} as const;
