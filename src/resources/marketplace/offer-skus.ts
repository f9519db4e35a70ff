/** skus of an offer (two previews only); they can only be listed. Not the SKUs of devices. */
import { named, object } from '#arm/schema.ts';
import { optional, optionalList, optionalString } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { envelope } from '../base/envelope.ts';
import { defineObserved } from '../base/define.ts';
import { MARKETPLACE_VERSIONS, NAME_PATTERN, placeOf, placesBelow, viewOf } from './catalogue.ts';
import { skuMapping } from './sku-mapping.ts';

export const offerSkus = defineObserved({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/publishers/offers/skus',
  nameParameter: 'skuName',
  namePattern: NAME_PATTERN,
  versions: DATA_BOX_EDGE_VERSIONS,
  schema: object(
    {
      ...envelope,
      properties: optional(
        object(
          {
            publisherId: optionalString(),
            offerId: optionalString(),
            content: optionalString(),
            contentVersion: optionalString(),
            skuMappings: optionalList(skuMapping),
            provisioningState: optionalString(),
          },
          named('MarketplaceImageSkuProperties'),
        ),
      ),
    },
    named('MarketplaceImageSku'),
  ),
  operations: {
    list: { id: 'MarketplaceImageSku_ListSKUsWithinOffer', ...MARKETPLACE_VERSIONS },
  },
  findAll: async (target) => placesBelow(placeOf(target))?.map((place) => viewOf(target, place)),
});
