/**
 * skus: what availableSkus was before 2020: one entry for each SKU and region [rec], with a filter on the region. Az
 * PowerShell and the older CLIs still ask for it (arm-protocol §0.3), so newer SKUs are in it too: the enum is open.
 */
import { named, object } from '#arm/schema.ts';
import type { Shown } from '#arm/schema-types.ts';
import {
  readOnly,
  readOnlyEnum,
  readOnlyList,
  readOnlyString,
  readOnlyStrings,
} from '#arm/shapes.ts';
import { normalisedLocation } from '#arm/names.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { equalityFilter } from './base/filters.ts';
import { defineSubscriptionType } from './base/define.ts';
import { isOrderable, SKU_NAMES, skuIdentity, skuOffer } from './base/skus.ts';

const restriction = object(
  {
    type: readOnlyString(),
    values: readOnlyStrings(),
    reasonCode: readOnlyEnum(
      ['NotAvailableForSubscription', 'QuotaId'],
      named('SkuRestrictionReasonCode'),
    ),
    restrictionInfo: readOnly(
      object(
        { locations: readOnlyStrings(), zones: readOnlyStrings() },
        named('SkuRestrictionInfo'),
      ),
    ),
  },
  named('SkuRestriction'),
);

const schema = object(
  {
    ...skuIdentity,
    family: readOnlyString(),
    ...skuOffer,
    restrictions: readOnlyList(restriction),
  },
  named('ResourceTypeSku'),
);

type View = Shown<typeof schema>;

export const skus = defineSubscriptionType({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'skus',
  nameParameter: 'name',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema,
  operations: {
    list: {
      id: 'Skus_List',
      until: '2019-08-01',
      published: { query: { $filter: '..' }, listName: 'SkuInformationList' },
      // Regions compare without case and spaces (arm-protocol §1.2).
      filter: (text) => equalityFilter('location', locationOf)(withDenseValue(text)),
    },
  },
  findInSubscription: async ({ ports }) =>
    SKU_NAMES.flatMap((name) => ports.deviceLocations.map((location) => viewOf(name, location))),
});

/** `location eq 'West US'` as `location eq 'WestUS'`. */
function withDenseValue(text: string): string {
  const [member = '', ...value] = text.split(/\s+eq\s+/i);
  return value.length === 0 ? text : `${member} eq ${value.join('').replaceAll(' ', '')}`;
}

const locationOf = ({ locationInfo }: View): string | undefined =>
  locationInfo?.[0]?.location?.replaceAll(' ', '');

/** `zoneDetails` is recorded, and in no swagger. */
const NO_ZONES = { zones: [], zoneDetails: [] };

/** Exactly the recorded members, with the region in its short form [rec]. */
function viewOf(name: (typeof SKU_NAMES)[number], region: string): View {
  const location = normalisedLocation(region);
  return {
    resourceType: 'dataBoxEdgeDevices',
    name,
    locations: [location],
    locationInfo: [{ location, ...NO_ZONES }],
    restrictions: isOrderable(name) ? [] : [restrictionIn(location)],
  };
}

/** As the example restricts a region [S]. */
const restrictionIn = (location: string): Shown<typeof restriction> => ({
  type: 'location',
  values: [location],
  restrictionInfo: { locations: [location] },
  reasonCode: 'NotAvailableForSubscription',
});
