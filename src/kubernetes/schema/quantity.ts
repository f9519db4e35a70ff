/**
 * Quantities: `500m`, `1.5Gi`, `2e3` (apimachinery pkg/api/resource). Values are whole milli-units, which is as precise as the
 * server keeps resources.
 */

const PATTERN = /^([+-]?(?:\d+\.?\d*|\.\d+))(|Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)$/;
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
/** Where no suffix stands in `DECIMAL`. */
const PLAIN = 3;

export const QUANTITY_ERROR =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

interface Parsed {
  /** Milli-units, rounded away from zero. */
  readonly milli: bigint;
  readonly isBinary: boolean;
  readonly isExponent: boolean;
}

function parse(text: string): Parsed | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [, number = '', suffix = ''] = match;
  const [whole = '', fraction = ''] = number.replace(/^[+-]/, '').split('.');
  let numerator = BigInt(`${whole}${fraction}` || '0') * 1000n;
  let denominator = 10n ** BigInt(fraction.length);
  const isBinary = suffix.endsWith('i');
  const isExponent = /^[eE].*\d/.test(suffix);
  if (isBinary) numerator *= 1024n ** BigInt(BINARY.indexOf(suffix));
  else {
    const exponent = isExponent ? Number(suffix.slice(1)) : (DECIMAL.indexOf(suffix) - PLAIN) * 3;
    if (Math.abs(exponent) > 40) return undefined;
    if (exponent >= 0) numerator *= 10n ** BigInt(exponent);
    else denominator *= 10n ** BigInt(-exponent);
  }
  const milli = (numerator + denominator - 1n) / denominator;
  return { milli: number.startsWith('-') ? -milli : milli, isBinary, isExponent };
}

/** Quantities that were read last: a cluster has few, and asks for them all the time. */
const known = new Map<string, { readonly milli: bigint; readonly units: number } | undefined>();
const MAX_KNOWN = 1000;

function read(text: string): { readonly milli: bigint; readonly units: number } | undefined {
  if (known.has(text)) return known.get(text);
  if (known.size >= MAX_KNOWN) known.clear();
  const milli = parse(text)?.milli;
  const found = milli === undefined ? undefined : { milli, units: Number(milli) };
  // Long texts, which somebody has thought out, are not kept.
  if (text.length <= 32) known.set(text, found);
  return found;
}

/** Milli-units; undefined for what is no quantity. */
export const milliOf = (text: string | number): bigint | undefined => read(String(text))?.milli;

/** Milli-units as a number; 0 for what is absent or no quantity. */
export function milliUnitsOf(text: string | number | undefined): number {
  return text === undefined ? 0 : (read(String(text))?.units ?? 0);
}

/** The canonical form of a quantity; undefined for what is none. */
export function canonicalQuantity(text: string | number): string | undefined {
  const parsed = parse(String(text));
  if (parsed === undefined) return undefined;
  const { milli, isBinary } = parsed;
  return isBinary && milli % 1000n === 0n ? binary(milli / 1000n) : decimal(milli);
}

function binary(units: bigint): string {
  let value = units;
  let step = 0;
  while (value !== 0n && value % 1024n === 0n && step < BINARY.length - 1) {
    value /= 1024n;
    step++;
  }
  return `${value}${BINARY[step] ?? ''}`;
}

/** The decimal form of milli-units: `1500m`, `2`, `3k`. */
export function decimal(milli: bigint): string {
  let value = milli;
  let step = PLAIN - 1;
  while (value !== 0n && value % 1000n === 0n && step < DECIMAL.length - 1) {
    value /= 1000n;
    step++;
  }
  return value === 0n ? '0' : `${value}${DECIMAL[step] ?? ''}`;
}
