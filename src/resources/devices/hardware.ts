/**
 * SKUs as the provider knows them: names, the kind of resource each makes, and where devices can be created. What a
 * SKU's hardware can do is the machine's to say.
 *
 * Sources: databoxedge-contract §7 (names), [rec] (kinds of Gateway, Edge and EdgeP_Base), ovw and [S] (regions).
 */

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

/** `kind` of the resource that a SKU makes [rec for the first three; the rest by name]. */
export function kindOf(sku: string): string {
  return sku === 'Gateway' ? 'AzureDataBoxGateway' : 'AzureStackEdge';
}

/** Regions of device resources: the three of ovw, the test regions of the recordings, and the examples' West US. */
export const DEVICE_LOCATIONS = [
  'East US',
  'West Europe',
  'Southeast Asia',
  'West US',
  'East US 2 EUAP',
  'Central US EUAP',
] as const;
