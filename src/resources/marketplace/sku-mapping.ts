/** The shape that offers and their SKUs share; ours have none. */
import { Type } from 'typebox';
import { named, object } from '#arm/schema.ts';
import { mayList, mayText } from '#arm/shapes.ts';

export const skuMapping = object(
  {
    catalogPlanId: mayText(),
    marketplaceSkuId: mayText(),
    marketplaceSkuVersions: mayList(Type.String()),
  },
  named('SkuMapping'),
);
