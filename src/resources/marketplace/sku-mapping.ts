/** The shape that offers and their SKUs share; ours have none. */
import { Type } from 'typebox';
import { named, object } from '#arm/schema.ts';
import { optionalList, optionalString } from '#arm/shapes.ts';

export const skuMapping = object(
  {
    catalogPlanId: optionalString(),
    marketplaceSkuId: optionalString(),
    marketplaceSkuVersions: optionalList(Type.String()),
  },
  named('SkuMapping'),
);
