/**
 * Prices: those of the price file (`EDGETWIN_PRICES`), and defaults for all others. `app.ts` loads them at start, and
 * `meters.ts` uses them. `loadPrices` is the only function of this room that does I/O.
 * A price file with a fault is refused as a whole, with every fault named.
 * Sources: the documents print no price of a device and none of Arc's vCPUs (appliance.md §10.6 [NF]), so the defaults
 * are [ours], and round, so that they are not mistaken for Azure's.
 */
import { readFileSync } from 'node:fs';
import type { Fault } from '#shared/failure.ts';
import { isJsonObject, type JsonObject } from '#shared/json.ts';

export interface Prices {
  /** ISO 4217, such as `USD`; one for everything. */
  readonly currency: string;
  /** Fee of a device for a whole calendar month, where its SKU has no fee of its own. */
  readonly deviceMonthlyFee: number;
  /** Fee by SKU, spelled as ARM spells it: `EdgeP_Base`. */
  readonly deviceMonthlyFeeBySku: Readonly<Record<string, number>>;
  /** Arc-enabled Kubernetes: one connected vCPU for one hour. */
  readonly arcVcpuHour: number;
}

/** Used for whatever the price file does not name [ours]. */
export const DEFAULT_PRICES: Prices = {
  currency: 'USD',
  deviceMonthlyFee: 500,
  deviceMonthlyFeeBySku: {},
  arcVcpuHour: 0.01,
};

/** Prices are exact to this many decimals: a price of a vCPU-month, given by the hour, needs more than six. */
const PRICE_DECIMALS = 9;
/** Billionths in a unit of currency. */
export const PRICE_SCALE = 10 ** PRICE_DECIMALS;
/** Up to here, every price with nine decimals is exact in a floating-point number. */
const MAX_PRICE = 1_000_000;

/** `price` in whole billionths. */
export const billionthsOf = (price: number): number => Math.round(price * PRICE_SCALE);

/** The fee of a device of `sku` for a whole month. */
export function monthlyFeeOf(prices: Prices, sku: string): number {
  const own = Object.hasOwn(prices.deviceMonthlyFeeBySku, sku)
    ? prices.deviceMonthlyFeeBySku[sku]
    : undefined;
  return own ?? prices.deviceMonthlyFee;
}

/** The text of an error on one line, as it is printed at start. */
const reasonOf = (error: unknown): string => String(error).replaceAll(/\s+/g, ' ');

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

function priceFaults(target: string, value: unknown): Fault[] {
  if (typeof value !== 'number' || !(value >= 0 && value <= MAX_PRICE)) {
    return [{ target, message: `must be a number from 0 to ${String(MAX_PRICE)}` }];
  }
  if (billionthsOf(value) / PRICE_SCALE !== value) {
    return [{ target, message: `must have at most ${String(PRICE_DECIMALS)} decimals` }];
  }
  return [];
}

function feeTableFaults(target: string, value: unknown): Fault[] {
  if (!isJsonObject(value)) return [{ target, message: 'must be an object from SKU to fee' }];
  return Object.entries(value).flatMap(([sku, fee]) => priceFaults(`${target}.${sku}`, fee));
}

function currencyFaults(target: string, value: unknown): Fault[] {
  if (typeof value === 'string' && /^[A-Z]{3}$/.test(value)) return [];
  return [{ target, message: "must be three capital letters, such as 'USD'" }];
}

const FAULTS_BY_MEMBER: Readonly<
  Record<keyof Prices, (target: string, value: unknown) => Fault[]>
> = {
  currency: currencyFaults,
  deviceMonthlyFee: priceFaults,
  deviceMonthlyFeeBySku: feeTableFaults,
  arcVcpuHour: priceFaults,
};

const isMember = (name: string): name is keyof Prices => Object.hasOwn(FAULTS_BY_MEMBER, name);

function faultsOf(json: JsonObject): Fault[] {
  return Object.entries(json).flatMap(([name, value]) =>
    isMember(name)
      ? FAULTS_BY_MEMBER[name](name, value)
      : [
          {
            target: name,
            message: `is not known; there are ${quoted(Object.keys(FAULTS_BY_MEMBER))}`,
          },
        ],
  );
}

/** The prices, or all their faults: `target` is the member's path, and `message` completes the sentence. */
export type PricesOrFaults = { readonly prices: Prices } | { readonly faults: readonly Fault[] };

/** The prices of a price file's JSON; members that it leaves out have their defaults. */
export function pricesOf(json: unknown): PricesOrFaults {
  if (!isJsonObject(json)) {
    return { faults: [{ target: 'prices', message: 'must be a JSON object' }] };
  }
  const faults = faultsOf(json);
  // The checks above have proved that `json` has members of Prices only.
  return faults.length > 0 ? { faults } : { prices: { ...DEFAULT_PRICES, ...json } };
}

/** The prices of the file at `path`; `{}` is a valid file. A file that cannot be read is a fault of its path. */
export function loadPrices(path: string): PricesOrFaults {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    return { faults: [{ target: path, message: `cannot be read: ${reasonOf(error)}` }] };
  }
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (error) {
    return { faults: [{ target: path, message: `is not JSON: ${reasonOf(error)}` }] };
  }
  return pricesOf(json);
}
