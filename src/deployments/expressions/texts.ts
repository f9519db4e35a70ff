/** Functions of strings, by their names in lower case [doc: template functions, string]. */
import type { Json } from '#shared/json.ts';
import { guidFromName, uniqueText } from './identifiers.ts';
import { TemplateError } from './template-error.ts';
import { type Args, stringOf } from './values.ts';

export type PureFunction = (args: Args) => Json;

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

/** `format()`: `{0}`, `{1:D3}`, `{2,-10}`; doubled braces are literal. Of .NET's formats, those for integers. */
function format(args: Args): string {
  return args
    .text(0)
    .replaceAll(
      /\{\{|\}\}|\{(\d+)(?:,(-?\d+))?(?::([^{}]+))?\}/g,
      (match, ...groups: readonly (string | undefined)[]) => {
        const [index, width, style] = groups;
        if (index === undefined) return match.charAt(0);
        const value = args.at(Number(index) + 1);
        const text = style === undefined ? stringOf(value) : styled(args, value, style);
        const length = Math.min(Math.abs(Number(width ?? 0)), 1000);
        return Number(width ?? 0) < 0 ? text.padEnd(length) : text.padStart(length);
      },
    );
}

function styled(args: Args, value: Json, style: string): string {
  const match = /^([dDxX])(\d{0,2})$/.exec(style);
  if (match === null || typeof value !== 'number') {
    throw args.fault(`the format '${style}' is not supported`);
  }
  const [, letter = '', width = ''] = match;
  const digits = Math.abs(value).toString(letter.toLowerCase() === 'x' ? 16 : 10);
  const cased = letter === 'X' ? digits.toUpperCase() : digits;
  return (value < 0 ? '-' : '') + cased.padStart(Number(width), '0');
}

function split(args: Args): Json {
  const by = args.at(1);
  const delimiters = Array.isArray(by) ? by.map(stringOf) : [args.text(1)];
  let parts = [args.text(0)];
  for (const delimiter of delimiters) {
    if (delimiter !== '') parts = parts.flatMap((part) => part.split(delimiter));
  }
  return parts;
}

function substring(args: Args): string {
  const text = args.text(0);
  const start = args.count > 1 ? args.number(1) : 0;
  const length = args.count > 2 ? args.number(2) : text.length - start;
  if (start < 0 || length < 0 || start + length > text.length) {
    throw args.fault('the index and length must refer to a location within the string');
  }
  return text.slice(start, start + length);
}

function uri(args: Args): string {
  const [base, relative] = [args.text(0), args.text(1)];
  if (!URL.canParse(relative, base)) throw args.fault(`'${base}' is not an absolute URI`);
  return new URL(relative, base).href;
}

function decoded(args: Args): string {
  try {
    return decodeURIComponent(args.text(0));
  } catch {
    throw args.fault('its argument is not an encoded URI');
  }
}

function dataUriText(args: Args): string {
  const match = /^data:([^,]*?)(;base64)?,(.*)$/is.exec(args.text(0));
  if (match === null) throw args.fault('its argument is not a data URI');
  const [, , base64, data = ''] = match;
  return base64 === undefined ? decodeURIComponent(data) : Buffer.from(data, 'base64').toString();
}

function parsedJson(args: Args, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw args.fault('its argument is not JSON');
  }
}

const lower = (args: Args, index: number): string => args.text(index).toLowerCase();

/** Concatenates arrays, where the first argument is one, or else strings. */
function concat(args: Args): Json {
  if (args.count === 0) throw args.fault('it needs at least 1 argument');
  if (!Array.isArray(args.at(0))) {
    return args.all
      .map((value, index) => {
        if (Array.isArray(value))
          throw args.fault(`its argument ${index + 1} must be a string too`);
        return stringOf(value);
      })
      .join('');
  }
  return args.all.flatMap((_, index) => args.list(index));
}

export const TEXT_FUNCTIONS: Readonly<Record<string, PureFunction>> = {
  base64: (args) => bytes(args.text(0)).toString('base64'),
  base64tostring: (args) => Buffer.from(args.text(0), 'base64').toString('utf8'),
  base64tojson: (args) => parsedJson(args, Buffer.from(args.text(0), 'base64').toString('utf8')),
  concat,
  datauri: (args) =>
    `data:text/plain;charset=utf8;base64,${bytes(args.text(0)).toString('base64')}`,
  datauritostring: dataUriText,
  endswith: (args) => lower(args, 0).endsWith(lower(args, 1)),
  // Stands where a template finds something wrong with its parameters, behind an `if` [doc].
  fail: (args) => {
    throw new TemplateError(args.text(0));
  },
  format,
  guid: (args) => guidFromName(args.all.map((_, index) => args.text(index))),
  join: (args) => args.list(0).map(stringOf).join(args.text(1)),
  json: (args) => parsedJson(args, args.text(0)),
  padleft: (args) => {
    const width = args.number(1);
    if (width < 0 || width > 10_000) throw args.fault('its width must be from 0 to 10000');
    return stringOf(args.at(0)).padStart(width, args.optionalText(2) ?? ' ');
  },
  replace: (args) => args.text(0).replaceAll(args.text(1), () => args.text(2)),
  split,
  startswith: (args) => lower(args, 0).startsWith(lower(args, 1)),
  string: (args) => stringOf(args.at(0)),
  substring,
  tolower: (args) => lower(args, 0),
  toupper: (args) => args.text(0).toUpperCase(),
  trim: (args) => args.text(0).trim(),
  uniquestring: (args) => uniqueText(args.all.map((_, index) => args.text(index))),
  uri,
  uricomponent: (args) => encodeURIComponent(args.text(0)),
  uricomponenttostring: decoded,
};
