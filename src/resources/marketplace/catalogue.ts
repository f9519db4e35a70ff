/**
 * The VM images that the marketplace of two previews shows on a device. A small catalogue that is `[ours]`, around the names
 * of the published examples ([S] ListPublishers, ListOffers, ListSKUsWithinOffer, ListVersionswithinSKU): there is no image
 * behind any of them. Every device shows the same. And what the four types of it share.
 */
import { resourceIdOf } from '#shared/arm-id.ts';
import type { ObservedTarget } from '../base/define.ts';

/** By publisher, offer, SKU: the versions, the newest first. */
type Catalogue = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>>
>;

const CATALOGUE: Catalogue = {
  microsoftwindowsserver: {
    windowsserver: {
      '2022-datacenter-azure-edition': ['20348.1006.220908', '20348.887.220806'],
      '2022-datacenter-azure-edition-core': [
        '20348.887.220907',
        '20348.887.220806',
        '20348.825.220705',
        '20348.707.220609',
        '20348.707.220505',
      ],
      '2019-datacenter': ['17763.3406.220909', '17763.3287.220810'],
      '2019-datacenter-gensecond': ['17763.3406.220909', '17763.3287.220810'],
    },
  },
  tidalmediainc: {
    'ubuntu-20-04': { 'ubuntu-20-04': ['1.0.1', '1.0.0'] },
    'ubuntu-18-04': { 'ubuntu-18-04': ['1.0.0'] },
  },
};

/** What any name in a path of the marketplace may look like: the only patterns of the whole contract [S]. */
export const NAME_PATTERN = /^[ A-Za-z0-9_@./#&+-]*$/;

/** Both previews, and no other version. */
export const MARKETPLACE_VERSIONS = {
  since: '2022-12-01-preview',
  until: '2023-01-01-preview',
} as const;

/** A place in the catalogue: names from the publisher down, in the catalogue's own casing. */
export type Place = readonly string[];

/** The places right below `above`; undefined where that is not in the catalogue. Names compare without case. */
export function placesBelow(above: Place): readonly Place[] | undefined {
  let level: unknown = CATALOGUE;
  const found: string[] = [];
  for (const name of above) {
    const known = namesIn(level).find((one) => one.toLowerCase() === name.toLowerCase());
    if (known === undefined) return undefined;
    found.push(known);
    level = Array.isArray(level) ? undefined : (level as Record<string, unknown>)[known];
  }
  return namesIn(level).map((name) => [...found, name]);
}

const namesIn = (level: unknown): string[] =>
  Array.isArray(level) ? (level as string[]) : Object.keys(level ?? {});

/** The names in a target's id below its device, as they were written. */
export function placeOf(target: ObservedTarget): Place {
  return resourceIdOf(target.id).names.slice(resourceIdOf(target.device.id).names.length);
}

const SEGMENTS = ['publishers', 'offers', 'skus', 'versions'] as const;

/** What everything in the catalogue shows: as much of it as its own schema has. */
interface CatalogueView {
  readonly properties: {
    readonly publisherId: string | undefined;
    readonly offerId: string | undefined;
    readonly skuId: string | undefined;
    readonly provisioningState: string;
  };
  readonly id: string;
  readonly name: string;
  readonly type: string;
}

/** Anything of the catalogue, as the examples show it [S]. */
export function viewOf(target: ObservedTarget, place: Place): CatalogueView {
  const [publisherId, offerId, skuId] = place.slice(0, -1);
  const path = place.map((name, index) => `${SEGMENTS[index] ?? ''}/${name}`).join('/');
  return {
    properties: { publisherId, offerId, skuId, provisioningState: 'Succeeded' },
    id: `${target.device.id}/${path}`,
    name: place.at(-1) ?? '',
    type: `Microsoft.DataBoxEdge/dataBoxEdgeDevices/${SEGMENTS.slice(0, place.length).join('/')}`,
  };
}
