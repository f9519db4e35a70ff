/**
 * availableSkus: what can be ordered, for a whole subscription; the successor of skus ([S] AvailableSkusList). Which SKUs
 * are still to be had is `[ours]`, after the order catalogue (ehc): the FPGA device is at its end (iotapi), the rest of the
 * names was never on it. Nothing refuses a device of a SKU that is not to be had: it may stand there already.
 */
import { named, object, shownText, since } from '#arm/schema.ts';
import { mayEnum, shownEnum, shownList } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { JsonObject } from '#shared/json.ts';
import { defineSubscriptionType } from './base/define.ts';
import {
  DEVICE_LOCATIONS,
  isOrderable,
  kindOf,
  SKU_NAMES,
  skuIdentity,
  skuOffer,
} from './base/skus.ts';

const schema = object(
  {
    ...skuIdentity,
    size: shownText(),
    family: shownText(),
    ...skuOffer,
    signupOption: shownEnum(['None', 'Available'], named('SkuSignupOption')),
    version: shownEnum(['Stable', 'Preview'], named('SkuVersion')),
    availability: shownEnum(['Available', 'Unavailable'], named('SkuAvailability')),
    shipmentTypes: shownList(
      mayEnum(['NotApplicable', 'ShippedToCustomer', 'SelfPickup'], named('ShipmentType')),
    ),
    capabilities: shownList(
      object({ name: shownText(), value: shownText() }, named('SkuCapability')),
      since('2020-12-01'),
    ),
  },
  named('DataBoxEdgeSku'),
);

export const availableSkus = defineSubscriptionType({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'availableSkus',
  nameParameter: 'name',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema,
  operations: { list: { id: 'AvailableSkus_List', since: '2020-09-01' } },
  findInSubscription: async () => SKU_NAMES.map(viewOf),
});

function viewOf(name: (typeof SKU_NAMES)[number]): JsonObject {
  const availability = isOrderable(name) ? 'Available' : 'Unavailable';
  return {
    resourceType: 'dataBoxEdgeDevices',
    name,
    availability,
    tier: 'Standard',
    kind: kindOf(name),
    version: 'Stable',
    signupOption: 'Available',
    locations: [...DEVICE_LOCATIONS],
    locationInfo: DEVICE_LOCATIONS.map((location) => ({ location })),
    // A virtual device is downloaded [S, contract §9]; the others come to the customer or are picked up [ours].
    shipmentTypes: name === 'Gateway' ? ['NotApplicable'] : ['ShippedToCustomer', 'SelfPickup'],
    costs: [],
    capabilities: [],
  };
}
