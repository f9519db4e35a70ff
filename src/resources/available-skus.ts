/**
 * availableSkus: what can be ordered, for a whole subscription; the successor of skus ([S] AvailableSkusList). Which SKUs
 * are still to be had is `[ours]`, after the order catalogue (ehc): the FPGA device is at its end (iotapi), the rest of the
 * names was never on it. Nothing refuses a device of a SKU that is not to be had: it may stand there already.
 */
import { named, object, since } from '#arm/schema.ts';
import type { Shown } from '#arm/schema-types.ts';
import { optionalEnum, readOnlyEnum, readOnlyList, readOnlyString } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { defineSubscriptionType } from './base/define.ts';
import { isOrderable, kindOf, SKU_NAMES, skuIdentity, skuOffer } from './base/skus.ts';

const schema = object(
  {
    ...skuIdentity,
    size: readOnlyString(),
    family: readOnlyString(),
    ...skuOffer,
    signupOption: readOnlyEnum(['None', 'Available'], named('SkuSignupOption')),
    version: readOnlyEnum(['Stable', 'Preview'], named('SkuVersion')),
    availability: readOnlyEnum(['Available', 'Unavailable'], named('SkuAvailability')),
    shipmentTypes: readOnlyList(
      optionalEnum(['NotApplicable', 'ShippedToCustomer', 'SelfPickup'], named('ShipmentType')),
    ),
    capabilities: readOnlyList(
      object({ name: readOnlyString(), value: readOnlyString() }, named('SkuCapability')),
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
  findInSubscription: async ({ ports }) =>
    SKU_NAMES.map((name) => viewOf(name, ports.deviceLocations)),
});

function viewOf(
  name: (typeof SKU_NAMES)[number],
  regions: readonly string[],
): Shown<typeof schema> {
  const availability = isOrderable(name) ? 'Available' : 'Unavailable';
  return {
    resourceType: 'dataBoxEdgeDevices',
    name,
    availability,
    tier: 'Standard',
    kind: kindOf(name),
    version: 'Stable',
    signupOption: 'Available',
    locations: [...regions],
    locationInfo: regions.map((location) => ({ location })),
    // A virtual device is downloaded [S, contract §9]; the others come to the customer or are picked up [ours].
    shipmentTypes: name === 'Gateway' ? ['NotApplicable'] : ['ShippedToCustomer', 'SelfPickup'],
    costs: [],
    capabilities: [],
  };
}
