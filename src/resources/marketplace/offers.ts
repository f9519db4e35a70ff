/** offers: what publishers offer on a device (two previews only); listed for one publisher, or for all at once. */
import { named, object } from '#arm/schema.ts';
import { optional, optionalList, optionalString } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { envelope } from '../base/envelope.ts';
import { defineObserved } from '../base/define.ts';
import { MARKETPLACE_VERSIONS, NAME_PATTERN, placeOf, placesBelow, viewOf } from './catalogue.ts';
import { skuMapping } from './sku-mapping.ts';

const offer = {
  namespace: 'Microsoft.DataBoxEdge',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema: object(
    {
      ...envelope,
      properties: optional(
        object(
          {
            publisherId: optionalString(),
            content: optionalString(),
            contentVersion: optionalString(),
            provisioningState: optionalString(),
            skuMappings: optionalList(skuMapping),
          },
          named('MarketplaceImageOfferProperties'),
        ),
      ),
    },
    named('MarketplaceImageOffer'),
  ),
};

/** All offers of a device; each shows its id below its publisher. */
export const offers = defineObserved({
  ...offer,
  type: 'dataBoxEdgeDevices/offers',
  nameParameter: 'offerName',
  operations: { list: { id: 'MarketplaceImageOffer_ListOffers', ...MARKETPLACE_VERSIONS } },
  findAll: async (target) =>
    placesBelow([])
      ?.flatMap((publisher) => placesBelow(publisher) ?? [])
      .map((place) => viewOf(target, place)),
});

export const publisherOffers = defineObserved({
  ...offer,
  type: 'dataBoxEdgeDevices/publishers/offers',
  nameParameter: 'offerName',
  namePattern: NAME_PATTERN,
  operations: {
    list: { id: 'MarketplaceImageOffer_ListOffersbyPublisher', ...MARKETPLACE_VERSIONS },
  },
  findAll: async (target) => placesBelow(placeOf(target))?.map((place) => viewOf(target, place)),
});
