/**
 * What the published declarations say of each kind and field to people: read from the package `kubernetes-types` when somebody
 * first asks for an OpenAPI document. The texts stay in the package.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const COMMENT =
  /\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*(?:export interface (\w+)|(?:readonly )?"?([\w$-]+)"?\??:)/g;

/** Descriptions of one file by interface, and by interface and member. */
function read(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let current = '';
  for (const [, comment = '', type, member = ''] of text.matchAll(COMMENT)) {
    if (type !== undefined) current = type;
    found.set(type ?? `${current}.${member}`, plain(comment));
  }
  return found;
}

/** A comment without its marks. */
const plain = (comment: string): string =>
  comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, ''))
    .join('\n')
    .trim();

const files = new Map<string, ReadonlyMap<string, string>>();

/** What is said of a message (`core.v1.PodSpec`), or of a field of it; undefined where nothing is. */
export function describe(message: string, field?: string): string | undefined {
  const [group = '', version = '', type = ''] = message.split('.');
  const path = join(group, `${version}.d.ts`);
  const known = files.get(path) ?? read(textOf(path));
  files.set(path, known);
  return known.get(field === undefined ? type : `${type}.${field}`);
}

function textOf(path: string): string {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('kubernetes-types/package.json'));
    return readFileSync(join(folder, path), 'utf8');
  } catch {
    // An installation without the package explains fields without words.
    return '';
  }
}
