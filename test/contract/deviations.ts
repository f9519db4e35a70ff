/**
 * Where we differ from the official contract on purpose: `deviations.json`, each with its reason. What is found and not
 * listed is a fault of ours; what is listed and no longer found must go from the list.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '#shared/json.ts';
import type { Findings } from './compare.ts';
import { ourVersions } from './ours.ts';

const FILE = join(import.meta.dirname, 'deviations.json');

export interface Deviation {
  /** As the tests word it. */
  readonly what: string;
  /** `all`, or the api-versions: `2020-09-01..2021-02-01 2023-12-01`. */
  readonly versions: string;
  readonly reason: string;
}

/** A member of an example's request that we do not take, and what is sent in its place. */
export interface Replacement {
  readonly example: string;
  /** `properties.certificate`, or `{roleName}` for a parameter of the path. */
  readonly member: string;
  /** What is sent. `<alert>`, `<job>`: the name of one that there is. */
  readonly value: Json;
  readonly reason: string;
}

export interface Deviations {
  /** Bodies and answers. */
  readonly models: readonly Deviation[];
  /** Paths, parameters, statuses, marks. */
  readonly operations: readonly Deviation[];
  /** Official examples: what we answer otherwise. */
  readonly examples: readonly Deviation[];
  /** Official examples: what is sent in place of what they send. */
  readonly replacements: readonly Replacement[];
}

export const deviations = JSON.parse(readFileSync(FILE, 'utf8')) as Deviations;

/** Versions in words: those that follow one another in `all` as `first..last`. */
export function spanOf(versions: readonly string[], all: readonly string[]): string {
  if (versions.length === all.length) return 'all';
  const parts: string[][] = [];
  for (const version of all.filter((one) => versions.includes(one))) {
    const last = parts.at(-1);
    const isNext = last !== undefined && all.indexOf(last.at(-1)!) === all.indexOf(version) - 1;
    if (isNext) last.push(version);
    else parts.push([version]);
  }
  return parts
    .map((part) => (part.length === 1 ? part[0]! : `${part[0]!}..${part.at(-1)!}`))
    .join(' ');
}

const lineOf = (what: string, versions: string): string => `${what} | ${versions}`;

/** What is found and not listed (`+`), and what is listed and not found (`-`), a line each. */
export function unlisted(
  findings: Findings,
  listed: readonly Deviation[],
  all: readonly string[] = ourVersions,
): string[] {
  const found = [...findings].map(([what, versions]) => lineOf(what, spanOf(versions, all)));
  const known = listed.map(({ what, versions }) => lineOf(what, versions));
  return [
    ...found.filter((line) => !known.includes(line)).map((line) => `+ ${line}`),
    ...known.filter((line) => !found.includes(line)).map((line) => `- ${line}`),
  ].sort((one, other) => (one.slice(2) < other.slice(2) ? -1 : 1));
}

/** Listed deviations without a reason. */
export const unreasoned = (listed: readonly Deviation[]): string[] =>
  listed.filter(({ reason }) => reason.trim() === '').map(({ what }) => what);

/** The list as it would have to be, with the reasons that are known; new ones have none yet. */
export function relisted(
  findings: Findings,
  listed: readonly Deviation[],
  all: readonly string[] = ourVersions,
): Deviation[] {
  return [...findings]
    .map(([what, versions]) => ({
      what,
      versions: spanOf(versions, all),
      reason: listed.find((deviation) => deviation.what === what)?.reason ?? '',
    }))
    .sort((one, other) => (one.what < other.what ? -1 : 1));
}

export function writeDeviations(all: Deviations): void {
  writeFileSync(FILE, `${JSON.stringify(all, null, 2)}\n`);
}
