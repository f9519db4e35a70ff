/**
 * The software releases of the device: what each contains and from which release it can be reached. Data and look-ups; the
 * state of a machine is unknown here.
 * Source: appliance.md §5, whose rows carry their own tags. `[ours]` in a row marks a value that is not documented, with
 * the reason.
 */
import { assert, present } from '#shared/assert.ts';
import { type Instant, parseInstant } from '#shared/instant.ts';

export interface Release {
  /** `2309`. */
  readonly name: string;
  /** The version of the device software and its Kubernetes part (upd): `3.2.2380.1632`. */
  readonly version: string;
  /** The Kubernetes version that it installs, where documented. */
  readonly kubernetes?: string;
  /** The version of the Arc agents that it installs, where documented. */
  readonly arcAgent?: string;
  /** The oldest release that can be updated to it, where documented. */
  readonly from?: string;
  readonly source: string;
}

/** All releases, the oldest first. */
export const RELEASES: readonly Release[] = [
  { name: '2008', version: '2.1.1328.1904', arcAgent: '0.1.18', source: 'upd(09/2020), rn2009' },
  { name: '2009', version: '2.1.1361.23408', arcAgent: '0.2.9', source: '[S], rn2009' },
  { name: '2010', version: '2.1.1377.2170', source: '[S], rn2105' },
  // The Kubernetes version is from a sample that was written before the release (iotapi).
  { name: '2101', version: '2.2.1473.2521', kubernetes: 'v1.17.3', source: 'rn2101, iotapi' },
  // The version is not documented; this one lies between its neighbours' [ours].
  { name: '2102', version: '2.2.1505.2700', source: 'gpushare; version [ours]' },
  {
    name: '2103',
    version: '2.2.1540.2890',
    kubernetes: 'v1.17.3',
    from: '2010',
    source: 'upd',
  },
  {
    name: '2105',
    version: '2.2.1606.3320',
    kubernetes: 'v1.20.2',
    arcAgent: '1.1',
    from: '2010',
    source: 'rn2105',
  },
  {
    name: '2106',
    version: '2.2.1636.3457',
    kubernetes: 'v1.20.2',
    from: '2010',
    source: 'upd, rn2106',
  },
  { name: '2110', version: '2.2.1758.4034', from: '2106', source: 'rn2110' },
  { name: '2202', version: '2.2.1868.4470', from: '2106', source: 'rn2202' },
  // The notes have a placeholder for the version; this one lies between its neighbours' [ours].
  { name: '2205', version: '2.2.1953.4900', from: '2106', source: 'rn2205; version [ours]' },
  // Two builds are documented (rn2301: 2.2.2026.5318); this is the one of the update page.
  {
    name: '2207',
    version: '2.2.2037.5375',
    kubernetes: 'v1.22.6',
    arcAgent: '1.6.6',
    from: '2106',
    source: 'upd',
  },
  { name: '2209', version: '2.2.2088.5593', from: '2207', source: 'rn2209' },
  { name: '2210', version: '2.2.2111.1002', from: '2207', source: 'rn2210' },
  { name: '2301', version: '2.2.2162.730', from: '2207', source: 'rn2301' },
  { name: '2303', version: '2.2.2257.1113', from: '2207', source: 'rn2303' },
  {
    name: '2309',
    version: '3.2.2380.1632',
    kubernetes: 'v1.25.5',
    arcAgent: '1.11.7',
    from: '2303',
    source: 'upd, rn2309',
  },
  {
    name: '2312',
    version: '3.2.2510.2000',
    kubernetes: 'v1.26',
    from: '2303',
    source: 'rn2312',
  },
  {
    name: '2403',
    version: '3.2.2642.2487',
    kubernetes: 'v1.27.8',
    arcAgent: '1.14.5',
    from: '2303',
    source: 'upd, rn2403',
  },
  {
    name: '2407',
    version: '3.2.2754.1029',
    kubernetes: 'v1.28',
    arcAgent: '1.16.10',
    from: '2403',
    source: 'rn2407',
  },
  { name: '2501', version: '3.3.2501.1176', from: '2403', source: 'rn2501' },
  { name: '2506', version: '3.3.2506.1090', from: '2501', source: 'rn2506' },
  { name: '2510', version: '3.3.2510.2170', from: '2501', source: 'rn2510' },
  { name: '2604', version: '3.3.2604.3097', from: '2510', source: 'rn2604' },
  { name: '2607', version: '3.3.2607.3535', from: '2510', source: 'rn2607' },
];

/** The release of a machine unless another one is asked for: old enough to have an update [ours]. */
export const DEFAULT_RELEASE = '2309';

/** The first release that can create a cluster since March 2023 (rn2301, rn2303, rn2309). */
const FIRST_WITH_NEW_CLUSTERS = '2301';
/** The first release whose update upgrades the Arc agents (rn2209). */
const FIRST_TO_UPGRADE_ARC = '2209';
/** The newest release for machines with two nodes (rn2604 [D], appliance.md §20.8). */
const NEWEST_FOR_TWO_NODES = '2510';

const INDEX_BY_NAME: ReadonlyMap<string, number> = new Map(
  RELEASES.map((release, index) => [release.name, index]),
);

/** The position of `name` in the table; -1 for an unknown release, which counts as older than all. */
const indexOf = (name: string): number => INDEX_BY_NAME.get(name) ?? -1;

/** The release of that name, or undefined. */
export function releaseOf(name: string): Release | undefined {
  return RELEASES[indexOf(name)];
}

/** Whether a machine with release `name` can create a cluster. */
export const mayCreateClusters = (name: string): boolean =>
  indexOf(name) >= indexOf(FIRST_WITH_NEW_CLUSTERS);

/** Whether the update to `name` upgrades the Arc agents. */
export const upgradesArc = (name: string): boolean =>
  indexOf(name) >= indexOf(FIRST_TO_UPGRADE_ARC);

/** The newest value that is documented for `name` or a release before it; if there is none, the first documented one [ours]. */
function lastPrinted(name: string, valueOf: (release: Release) => string | undefined): string {
  const upTo = Math.max(0, indexOf(name)) + 1;
  const documented = RELEASES.slice(0, upTo).map(valueOf).findLast(isText);
  const first = RELEASES.map(valueOf).find(isText);
  const value = documented ?? first;
  assert(value !== undefined, 'some release prints this');
  return value;
}

const isText = (value: string | undefined): value is string => value !== undefined;

/** The Kubernetes version that `name` installs; if not documented, that of the release before it. */
export const kubernetesVersionOf = (name: string): string =>
  lastPrinted(name, (release) => release.kubernetes);

/** The version of the Arc agents that `name` installs; if not documented, that of the release before it. */
export const arcAgentVersionOf = (name: string): string =>
  lastPrinted(name, (release) => release.arcAgent);

/**
 * The position of the oldest release that can be updated to `release`. Where none is documented, only the direct
 * predecessor can be, which is the cautious reading [ours].
 */
function fromOf(release: Release): number {
  return release.from === undefined ? indexOf(release.name) - 1 : indexOf(release.from);
}

/** By name, when each release is published: at the beginning of the month of its name `[ours]`; the documents print no days. */
const PUBLISHED: ReadonlyMap<string, Instant> = new Map(
  RELEASES.map(({ name }) => {
    const text = `20${name.slice(0, 2)}-${name.slice(2)}-01T00:00:00Z`;
    return [name, present(parseInstant(text), `the month of the release ${name}`)];
  }),
);

/** When a release is published. */
export const publishedAt = ({ name }: Release): Instant =>
  present(PUBLISHED.get(name), `the release ${name}`);

/** The releases to which a machine with release `name` and that many nodes can be updated, the oldest first. */
export function nextReleases(name: string, nodeCount: 1 | 2): readonly Release[] {
  const present = indexOf(name);
  const newest = nodeCount === 2 ? indexOf(NEWEST_FOR_TWO_NODES) : RELEASES.length - 1;
  return RELEASES.slice(present + 1, newest + 1).filter((release) => fromOf(release) <= present);
}

/**
 * The release that a scan at `at` finds for such a machine: the newest one that is published and that it can be updated to; undefined when
 * there is none.
 */
export function offeredRelease(name: string, nodeCount: 1 | 2, at: Instant): Release | undefined {
  return nextReleases(name, nodeCount).findLast((release) => publishedAt(release) <= at);
}
