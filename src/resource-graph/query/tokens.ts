/** The tokens of a query in the subset of Kusto's language that Resource Graph takes. */
import { InvalidQueryError, type Part } from './invalid-query.ts';

/** `text` is how it stands in the query; a string's `value` is without quotes and escapes. */
export interface Token extends Part {
  readonly kind: 'name' | 'string' | 'number' | 'symbol' | 'end';
  readonly value: string;
}

/** Blanks and comments, then one token. Operators of strings such as `in~` and `!contains` are single tokens. */
const PATTERNS: readonly (readonly [kind: Token['kind'] | 'blank', pattern: RegExp])[] = [
  ['blank', /(?:\s+|\/\/[^\n]*)+/y],
  ['string', /[hH]?@(?:'(?:[^']|'')*'|"(?:[^"]|"")*")/y],
  ['string', /[hH]?(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")/y],
  ['number', /\d+(?:\.\d+)?(?![\w.])/y],
  ['symbol', /!(?:in~?|contains(?:_cs)?|startswith(?:_cs)?|endswith(?:_cs)?|has(?:_cs)?)(?!\w)/y],
  ['name', /in~/y],
  ['name', /(?:project|mv|top|make)-[a-z]+(?!\w)/y],
  ['name', /[A-Za-z_$]\w*/y],
  ['symbol', /==|!=|=~|!~|<=|>=|\.\.|[|()[\],.=<>*;{}:+\-/%]/y],
];

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };

/** All tokens, the last one of kind `end`. Throws where a character belongs to none. */
export function tokensOf(query: string): readonly Token[] {
  const tokens: Token[] = [];
  let [at, line, lineStart] = [0, 1, 0];
  while (at < query.length) {
    const [kind, text] = tokenAt(query, at);
    const place = { text, line, character: at - lineStart };
    if (kind === undefined) {
      throw new InvalidQueryError('ParserFailure', `'${text}' is not part of the language.`, place);
    }
    if (kind !== 'blank') {
      tokens.push({ kind, ...place, value: kind === 'string' ? unquoted(text) : text });
    }
    at += text.length;
    const lastBreak = text.lastIndexOf('\n');
    if (lastBreak !== -1) {
      line += text.split('\n').length - 1;
      lineStart = at - (text.length - lastBreak - 1);
    }
  }
  tokens.push({ kind: 'end', text: '<EOF>', value: '', line, character: at - lineStart });
  return tokens;
}

function tokenAt(
  query: string,
  at: number,
): readonly [kind: Token['kind'] | 'blank' | undefined, text: string] {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const [text] = pattern.exec(query) ?? [];
    if (text !== undefined) return [kind, text];
  }
  return [undefined, String.fromCodePoint(query.codePointAt(at) ?? 0)];
}

/** What stands between the quotes. `@'…'` is verbatim, with doubled quotes; elsewhere a backslash escapes. */
function unquoted(text: string): string {
  const start = text.search(/['"]/);
  const inside = text.slice(start + 1, -1);
  const quote = text[start] ?? '';
  if (text.slice(0, start).includes('@')) return inside.replaceAll(quote + quote, quote);
  return inside.replaceAll(/\\(.)/g, (_, escaped: string) => ESCAPES[escaped] ?? escaped);
}
