/** publishers: who offers VM images on a device (two previews only); they can only be listed. */
import { named, object } from '#arm/schema.ts';
import { optional, optionalString } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { envelope } from '../base/envelope.ts';
import { defineObserved } from '../base/define.ts';
import { MARKETPLACE_VERSIONS, NAME_PATTERN, placesBelow, viewOf } from './catalogue.ts';

export const publishers = defineObserved({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/publishers',
  nameParameter: 'publisherName',
  namePattern: NAME_PATTERN,
  versions: DATA_BOX_EDGE_VERSIONS,
  schema: object(
    {
      ...envelope,
      properties: optional(
        object(
          { provisioningState: optionalString() },
          named('MarketplaceImagePublisherProperties'),
        ),
      ),
    },
    named('MarketplaceImagePublisher'),
  ),
  operations: {
    list: { id: 'MarketplaceImagePublisher_ListPublishers', ...MARKETPLACE_VERSIONS },
  },
  findAll: async (target) => placesBelow([])?.map((place) => viewOf(target, place)),
});
