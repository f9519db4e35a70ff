/** The shape of a device as it is shown and sent, and of what a PATCH of it may hold [S]. */
import { Type } from 'typebox';
import { named, object, oneOf, readOnlyIn, since } from '#arm/schema.ts';
import {
  optional,
  optionalEnum,
  optionalMap,
  optionalString,
  readOnlyString,
} from '#arm/shapes.ts';
import { envelope, systemDataSince } from '../base/envelope.ts';
import { SKU_NAME, SKU_NAMES } from '../base/skus.ts';
import { deviceProperties } from './properties.ts';

const identitySchema = object(
  {
    type: optional(oneOf(['None', 'SystemAssigned', 'UserAssigned'], named('MsiIdentityType'))),
    principalId: readOnlyString(),
    tenantId: readOnlyString(),
  },
  named('ResourceIdentity'),
);

const KINDS = [
  'AzureDataBoxGateway',
  'AzureStackEdge',
  'AzureStackHub',
  'AzureModularDataCentre',
] as const;

export const deviceSchema = object(
  {
    location: Type.String(),
    tags: optionalMap(Type.String()),
    sku: optional(
      object(
        {
          name: optional(oneOf(SKU_NAMES, SKU_NAME)),
          tier: optional(oneOf(['Standard'], named('SkuTier'))),
        },
        named('Sku'),
      ),
    ),
    etag: optionalString(readOnlyIn('2022-04-01-preview')),
    identity: optional(identitySchema, since('2020-09-01'), readOnlyIn('2022-04-01-preview')),
    kind: optionalEnum(
      KINDS,
      named('DataBoxEdgeDeviceKind'),
      since('2020-09-01'),
      readOnlyIn('2020-09-01..2020-12-01 2021-06-01..'),
    ),
    systemData: systemDataSince('2020-09-01'),
    properties: optional(deviceProperties, readOnlyIn('2020-09-01..2020-12-01')),
    ...envelope,
  },
  named('DataBoxEdgeDevice'),
);

export const devicePatch = object(
  {
    tags: optionalMap(Type.String()),
    identity: optional(identitySchema, since('2020-09-01')),
    properties: optional(
      object(
        {
          edgeProfile: optional(
            object(
              {
                subscription: optional(
                  object({ id: optionalString() }, named('EdgeProfileSubscriptionPatch')),
                ),
              },
              named('EdgeProfilePatch'),
            ),
          ),
        },
        named('DataBoxEdgeDevicePropertiesPatch'),
      ),
      since('2020-09-01'),
    ),
  },
  named('DataBoxEdgeDevicePatch'),
);
