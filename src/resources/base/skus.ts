/**
 * SKUs as the provider knows them: names, the kind of resource each makes, and where devices can be created. What a
 * SKU's hardware can do is the machine's to say.
 *
 * Sources: databoxedge-contract §7 (names, and the api-versions that list them), [rec] (kinds of Gateway, Edge and
 * EdgeP_Base), ovw and [S] (regions).
 */
import { named, object, valuesIn } from '#arm/schema.ts';
import {
  int64,
  readOnlyEnum,
  readOnlyInteger,
  readOnlyList,
  readOnlyString,
  readOnlyStrings,
} from '#arm/shapes.ts';

export const SKU_NAMES = [
  'Gateway',
  'Edge',
  'TEA_1Node',
  'TEA_1Node_UPS',
  'TEA_1Node_Heater',
  'TEA_1Node_UPS_Heater',
  'TEA_4Node_Heater',
  'TEA_4Node_UPS_Heater',
  'TMA',
  'TDC',
  'TCA_Small',
  'GPU',
  'TCA_Large',
  'EdgeP_Base',
  'EdgeP_High',
  'EdgePR_Base',
  'EdgePR_Base_UPS',
  'EP2_64_1VPU_W',
  'EP2_128_1T4_Mx1_W',
  'EP2_256_2T4_W',
  'EdgeMR_Mini',
  'RCA_Small',
  'RCA_Large',
  'RDC',
  'Management',
  'EP2_64_Mx1_W',
  'EP2_128_GPU1_Mx1_W',
  'EP2_256_GPU2_Mx1',
  'EdgeMR_TCP',
] as const;

const [SINCE_2020, SINCE_2021, SINCE_2022] = ['2020-09-01..', '2021-02-01..', '2022-03-01..'];

/** On an enum of SKU names: which api-version lists which. */
export const SKU_NAME = {
  ...named('SkuName'),
  ...valuesIn({
    TDC: SINCE_2020,
    TCA_Small: SINCE_2020,
    GPU: SINCE_2020,
    TCA_Large: SINCE_2020,
    EdgeP_Base: SINCE_2020,
    EdgeP_High: SINCE_2020,
    EdgePR_Base: SINCE_2020,
    EdgePR_Base_UPS: SINCE_2020,
    EP2_64_1VPU_W: SINCE_2021,
    EP2_128_1T4_Mx1_W: SINCE_2021,
    EP2_256_2T4_W: SINCE_2021,
    EdgeMR_Mini: SINCE_2020,
    RCA_Small: SINCE_2020,
    RCA_Large: SINCE_2020,
    RDC: SINCE_2020,
    Management: SINCE_2021,
    EP2_64_Mx1_W: SINCE_2022,
    EP2_128_GPU1_Mx1_W: SINCE_2022,
    EP2_256_GPU2_Mx1: SINCE_2022,
    EdgeMR_TCP: SINCE_2022,
  }),
};

/** What both catalogues of SKUs tell of one: which it is, and where it can be had at what cost. */
export const skuIdentity = {
  resourceType: readOnlyString(),
  name: readOnlyEnum(SKU_NAMES, SKU_NAME),
  kind: readOnlyString(),
  tier: readOnlyEnum(['Standard'], named('SkuTier')),
} as const;
export const skuOffer = {
  locations: readOnlyStrings(),
  apiVersions: readOnlyStrings(),
  locationInfo: readOnlyList(
    object(
      { location: readOnlyString(), zones: readOnlyStrings(), sites: readOnlyStrings() },
      named('SkuLocationInfo'),
    ),
  ),
  costs: readOnlyList(
    object(
      {
        meterId: readOnlyString(),
        quantity: readOnlyInteger(int64),
        extendedUnit: readOnlyString(),
      },
      named('SkuCost'),
    ),
  ),
} as const;

/** `kind` of the resource that a SKU makes [rec for the first three; the rest by name]. */
export function kindOf(sku: string): 'AzureDataBoxGateway' | 'AzureStackEdge' {
  return sku === 'Gateway' ? 'AzureDataBoxGateway' : 'AzureStackEdge';
}

/**
 * Regions of device resources: the three of ovw, the test regions of the recordings (West US 2 in 2025), and the examples' West US.
 * `EDGETWIN_LOCATIONS` adds others (`ports.deviceLocations`).
 */
export const DEVICE_LOCATIONS = [
  'East US',
  'West Europe',
  'Southeast Asia',
  'West US',
  'West US 2',
  'East US 2 EUAP',
  'Central US EUAP',
] as const;

/** What the order catalogue has (ehc), and the virtual device; see available-skus.ts. */
const ORDERABLE: readonly string[] = [
  'Gateway',
  'EdgeP_Base',
  'EdgeP_High',
  'EdgePR_Base',
  'EdgePR_Base_UPS',
  'EdgeMR_Mini',
  'EP2_64_1VPU_W',
  'EP2_128_1T4_Mx1_W',
  'EP2_256_2T4_W',
  'EP2_64_Mx1_W',
  'EP2_128_GPU1_Mx1_W',
  'EP2_256_GPU2_Mx1',
  'EdgeMR_TCP',
];

export const isOrderable = (sku: string): boolean => ORDERABLE.includes(sku);
