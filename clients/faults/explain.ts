/** `edgetwin explain`: why a field of a resource has its value, printed as a story, the beginning first. */
import { isJsonObject, type JsonObject, textIn } from '#shared/json.ts';

const EXPLAIN_USAGE = 'Usage: edgetwin explain <resource id> [field] [--at <date-time>]';

/** What the command has come to: a text for standard output, or why it was refused. */
export type Explanation = { readonly text: string } | { readonly refused: string };

/** Asks the service at `base`; throws a `TypeError` for words that are not understood. */
export async function explain(words: readonly string[], base: string): Promise<Explanation> {
  const url = new URL('/_edgetwin/explain', base);
  for (const [name, value] of readWords(words)) url.searchParams.set(name, value);
  const response = await fetch(url);
  const body: unknown = await response.json();
  const answer = isJsonObject(body) ? body : {};
  if (response.ok) return { text: storyOf(answer) };
  return { refused: isJsonObject(answer.error) ? textIn(answer.error, 'message') : url.href };
}

function readWords(words: readonly string[]): Map<string, string> {
  const given = new Map<string, string>();
  const left = [...words];
  while (left.length > 0) {
    const word = left.shift() ?? '';
    const isOption = word === '--at';
    const name = isOption ? 'at' : given.has('resource') ? 'field' : 'resource';
    const value = isOption ? left.shift() : word;
    if (value === undefined || (!isOption && word.startsWith('-')) || given.has(name)) {
      throw new TypeError(EXPLAIN_USAGE);
    }
    given.set(name, value);
  }
  if (!given.has('resource')) throw new TypeError(EXPLAIN_USAGE);
  return given;
}

/** The chain as lines, what happened first at the top. */
function storyOf(answer: JsonObject): string {
  const { value, chain } = answer;
  const links = Array.isArray(chain) ? chain.filter(isJsonObject) : [];
  const lines = links
    .toReversed()
    .map((link) => `  ${textIn(link, 'at')}  ${textIn(link, 'story')}`);
  const shown = typeof value === 'string' ? value : 'not set';
  const head = `${textIn(answer, 'field')} is ${shown} at ${textIn(answer, 'at')}`;
  return lines.length === 0
    ? `${head}; nothing has happened to it.\n`
    : `${head}, since:\n${lines.join('\n')}\n`;
}
