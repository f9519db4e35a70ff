/** The shape of a device as it is shown and sent, and of what a PATCH of it may hold [S]. */
import { Type } from 'typebox';
import { named, object, oneOf, readOnlyIn, shownText, since } from '#arm/schema.ts';
import { mayBe, mayEnum, mayMap, mayText } from '#arm/shapes.ts';
import { envelope, systemDataSince } from '../base/envelope.ts';
import { SKU_NAME, SKU_NAMES } from '../base/skus.ts';
import { deviceProperties } from './properties.ts';

const identitySchema = object(
  {
    type: mayBe(oneOf(['None', 'SystemAssigned', 'UserAssigned'], named('MsiIdentityType'))),
    principalId: shownText(),
    tenantId: shownText(),
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
    tags: mayMap(Type.String()),
    sku: mayBe(
      object(
        {
          name: mayBe(oneOf(SKU_NAMES, SKU_NAME)),
          tier: mayBe(oneOf(['Standard'], named('SkuTier'))),
        },
        named('Sku'),
      ),
    ),
    etag: mayText(readOnlyIn('2022-04-01-preview')),
    identity: mayBe(identitySchema, since('2020-09-01'), readOnlyIn('2022-04-01-preview')),
    kind: mayEnum(
      KINDS,
      named('DataBoxEdgeDeviceKind'),
      since('2020-09-01'),
      readOnlyIn('2020-09-01..2020-12-01 2021-06-01..'),
    ),
    systemData: systemDataSince('2020-09-01'),
    properties: mayBe(deviceProperties, readOnlyIn('2020-09-01..2020-12-01')),
    ...envelope,
  },
  named('DataBoxEdgeDevice'),
);

export const devicePatch = object(
  {
    tags: mayMap(Type.String()),
    identity: mayBe(identitySchema, since('2020-09-01')),
    properties: mayBe(
      object(
        {
          edgeProfile: mayBe(
            object(
              {
                subscription: mayBe(
                  object({ id: mayText() }, named('EdgeProfileSubscriptionPatch')),
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
