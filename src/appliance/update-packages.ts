/**
 * The content of updates: packages, their sizes and installation times, and the stage tables of the three update commands.
 * Sources: upd, updinc, k8sfail, [S] UpdateSummaryGet (appliance.md §12).
 */
import { minutes, seconds } from '#shared/instant.ts';
import type { Stage } from '#shared/stages.ts';
import type { ObservedUpdate } from './observation.ts';
import { releaseOf } from './releases.ts';
import type { OfferRecord } from './state.ts';

/** Software: the size of the sample [S]. Kubernetes: not documented, so somewhat smaller [ours]. */
const SIZE_BYTES = { Software: 4_260_898_192, Kubernetes: 2_934_112_256 } as const;
/** Upper end of 60–75 minutes for each node (upd). */
const SOFTWARE_MINUTES_PER_NODE = 75;
/** 30 minutes or more (k8sfail). */
const KUBERNETES_MINUTES = 30;

type Part = OfferRecord['parts'][number];

/** The two parts of an update in the order of installation, not downloaded (upd). */
export const PARTS_TO_DOWNLOAD: readonly Part[] = [
  { type: 'Software', status: 'DownloadPending' },
  { type: 'Kubernetes', status: 'DownloadPending' },
];

/** The total size of the parts in bytes. */
export const bytesOf = (parts: readonly Part[]): number =>
  parts.reduce((sum, part) => sum + SIZE_BYTES[part.type], 0);

/** How many parts are complete after that many bytes, when they are downloaded one after the other. */
export function wholePartsIn(parts: readonly Part[], bytes: number): number {
  return parts.filter((_, index) => bytesOf(parts.slice(0, index + 1)) <= bytes).length;
}

/** The observation of the parts. */
export function observedPartsOf(offer: OfferRecord, nodeCount: 1 | 2): readonly ObservedUpdate[] {
  const version = releaseOf(offer.release)?.version ?? '';
  return offer.parts.map((part, index) => ({
    // Follows the pattern of the sample [S].
    title: `Azure Stack Edge Update ${offer.release} Package ${index + 1} of ${offer.parts.length} for Pro-GPU, Pro R, Mini R`,
    sizeBytes: SIZE_BYTES[part.type],
    type: part.type,
    targetVersion: version,
    friendlyVersion: `Azure Stack Edge ${offer.release}`,
    ...(part.type === 'Software'
      ? {
          installMinutes: SOFTWARE_MINUTES_PER_NODE * nodeCount,
          reboot: 'RequiresReboot' as const,
          impact: 'DeviceRebooted' as const,
        }
      : {
          installMinutes: KUBERNETES_MINUTES,
          reboot: 'NeverReboots' as const,
          impact: 'KubernetesWorkloadsDown' as const,
        }),
    status: part.status,
  }));
}

export const UPDATE_SCAN: readonly Stage[] = [
  { name: 'contact', lasts: [seconds(5), seconds(15)], source: '[ours] minutes in all' },
  { name: 'scan', lasts: [minutes(1), minutes(3)], source: '[ours] minutes in all' },
];

/** The stages have the names of the phases that a job shows [S]. */
export const UPDATE_DOWNLOAD: readonly Stage<'Initializing' | 'Downloading' | 'Verifying'>[] = [
  { name: 'Initializing', lasts: [seconds(10), seconds(30)], source: '[S] phases; [ours] length' },
  // The documented minimum of 10 Mbps (prep) would mean 96 minutes; these lengths mean 50–120 Mbps.
  { name: 'Downloading', lasts: [minutes(8), minutes(20)], source: '[ours] at 50–120 Mbps' },
  { name: 'Verifying', lasts: [minutes(1), minutes(2)], source: '[S] phases; [ours] length' },
];

const PER_NODE = 'upd: 60–75 min per node; [ours] division';

const nodeStages = (node: number): readonly Stage[] => [
  { name: `installNode${node}`, lasts: [minutes(35), minutes(43)], source: PER_NODE },
  { name: `rebootNode${node}`, lasts: [minutes(12), minutes(15)], source: PER_NODE },
  { name: `settleNode${node}`, lasts: [minutes(13), minutes(17)], source: PER_NODE },
];

/**
 * The stages of an installation: the device software node by node, the Kubernetes part if there is a cluster, then a scan
 * for the next update. The second part starts by itself (updinc).
 */
export function updateInstallation({
  nodeCount,
  hasSoftware,
  hasCluster,
}: {
  readonly nodeCount: 1 | 2;
  /** False where only the Kubernetes part is left to be installed, since it failed before. */
  readonly hasSoftware: boolean;
  readonly hasCluster: boolean;
}): readonly Stage[] {
  return [
    { name: 'prepare', lasts: [minutes(2), minutes(4)], source: '[ours] unpacking and checks' },
    ...(hasSoftware ? nodeStages(1) : []),
    ...(hasSoftware && nodeCount === 2 ? nodeStages(2) : []),
    ...(hasCluster
      ? [
          {
            name: 'handOver',
            lasts: [seconds(60), seconds(120)] as const,
            source: 'updinc; [ours] length',
          },
          {
            name: 'kubernetes',
            lasts: [minutes(30), minutes(40)] as const,
            source: 'k8sfail: 30 min or more; [ours] end',
          },
        ]
      : []),
    { name: 'rescan', lasts: [minutes(1), minutes(3)], source: '[S] RescanStarted; [ours] length' },
  ];
}
