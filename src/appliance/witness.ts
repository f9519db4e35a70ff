/**
 * The witness and the quorum of a device with two nodes. Each node has a vote, and so has the witness: what is left after the loss of
 * one node is a majority with the witness only. Without it the cluster takes the vote of one node, arbitrarily; the loss of the
 * other one, which has the vote, takes the device Offline. Sources: wit, mclus (appliance.md §11).
 */
import type { Instant } from '#shared/instant.ts';
import { wholeNumber } from '#shared/random.ts';
import type { MachineSpec, NodeNumber } from './commands.ts';
import { serialNumbersOf } from './identity.ts';
import type { Witness } from './local-settings.ts';
import type { ApplianceState } from './state.ts';

/** When something was lost, and why. */
interface Loss {
  readonly since: Instant;
  readonly cause: string;
  readonly about: string;
}

/** A condition, as far as it matters here. */
interface Found extends Loss {
  readonly kind: string;
  readonly node?: NodeNumber;
}

/** The witness that is in force. A device with one node has none; the technician of one with two sets up a cloud witness `[ours]`. */
export function witnessOf({ spec, local }: Pick<ApplianceState, 'spec' | 'local'>): Witness {
  if (spec.nodeCount === 1) return { type: 'None' };
  return local?.config.witness ?? factoryWitnessOf(spec);
}

const factoryWitnessOf = (spec: MachineSpec): Witness => ({
  type: 'Cloud',
  storageAccountName: `witness${(serialNumbersOf(spec)[0] ?? '').toLowerCase()}`,
  // The name that Windows gives to the container of a cloud witness [U].
  containerName: 'msft-cloud-witness',
  storageEndpoint: 'core.windows.net',
});

/**
 * The witness is offline: by itself, or, where it is in the cloud, with the connection to Azure. `found` are the conditions of faults so
 * far. Undefined where there is a witness, and where there never was one.
 */
export function witnessOffline(state: ApplianceState, found: readonly Found[]): Loss | undefined {
  const { type } = witnessOf(state);
  if (type !== 'Cloud') return undefined;
  return found.find(({ kind }) => kind === 'uplinkDown');
}

/**
 * The quorum is lost: a node is down that had the only vote, since the witness was gone before. A witness that goes after the node
 * did changes nothing: what is left has the only vote then.
 */
export function quorumLost(state: ApplianceState, found: readonly Found[]): Loss | undefined {
  if (state.spec.nodeCount === 1) return undefined;
  const down = found.filter(({ kind }) => kind === 'nodeDown');
  if (new Set(down.map(({ node }) => node)).size !== 1) return undefined;
  const first = down.reduce((one, other) => (other.since < one.since ? other : one));
  const missing = witnessMissingSince(state, found);
  if (missing === undefined || missing > first.since) return undefined;
  // What goes at the same moment leaves one vote of three; else one of the two nodes has lost its vote before.
  const isVoter = missing === first.since || voterOf(state, missing) === first.node;
  return isVoter ? first : undefined;
}

function witnessMissingSince(state: ApplianceState, found: readonly Found[]): Instant | undefined {
  if (witnessOf(state).type === 'None') return state.spec.createdAt;
  return found.reduce<Instant | undefined>(
    (since, { kind, since: own }) =>
      kind === 'witnessOffline' && (since === undefined || own < since) ? own : since,
    undefined,
  );
}

/** The node that keeps its vote when the witness is lost at that moment: arbitrary (wit), so it is drawn. */
export const voterOf = ({ spec }: Pick<ApplianceState, 'spec'>, since: Instant): NodeNumber =>
  wholeNumber(1, 2, spec.seed, 'vote', since) === 2 ? 2 : 1;
