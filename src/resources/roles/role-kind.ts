/** What a kind of role is: `roles.ts` asks this of the file of each, and does the rest for all of them. */
import type { TSchema } from 'typebox';
import { named, oneOf } from '#arm/schema.ts';
import type { Command, Observation } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
import type { JsonObject } from '#shared/json.ts';
import type { SecretPlace } from '../base/encrypted-secret.ts';
import { envelope, systemDataSince } from '../base/envelope.ts';
import type { Existing, Target } from '../base/define.ts';

export interface RoleKind {
  /** The whole resource. */
  readonly schema: TSchema;
  /** Where its secrets stand. */
  readonly secrets: readonly SecretPlace[];
  /** What is wrong with its `properties`, which are there. */
  check(target: Target, properties: JsonObject): Promise<readonly Fault[]>;
  /** What the machine has to do for it. */
  commandFor(target: Target, properties: JsonObject): Promise<Command>;
  /** What the machine has to do that it goes. */
  removalOf(target: Existing): Command;
  /** `properties` of a GET. */
  view(target: Existing, seen: Observation): JsonObject;
}

/** Kinds that came with 2020-09-01: no older version knows of them. */
export const NEWER_KIND = '2020-09-01..';

export const roleStatus = oneOf(['Enabled', 'Disabled'], named('RoleStatus'));
export const hostPlatform = oneOf(['Windows', 'Linux'], named('PlatformType'));

/** What every kind of role has around its properties. */
export const roleEnvelope = { ...envelope, systemData: systemDataSince('2020-09-01') } as const;

/** Edge compute of this device runs on Linux (iotapi, compute). */
export const platformFaults = ({ hostPlatform: platform }: JsonObject, kind: string): Fault[] =>
  platform === 'Linux'
    ? []
    : [
        {
          target: 'properties.hostPlatform',
          message: `The ${kind} role runs on the host platform 'Linux' only.`,
        },
      ];
