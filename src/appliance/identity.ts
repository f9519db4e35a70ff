/**
 * The identity of a machine: serial numbers of its nodes and the names derived from them. Everything is drawn from the
 * seed, so it never changes.
 * Sources: [S] DataBoxEdgeDeviceGetByName, ps, devset (appliance.md §3, §4.3).
 */
import { onceForEach } from '#shared/once-for-each.ts';
import { guid, text, wholeNumber } from '#shared/random.ts';
import type { MachineSpec } from './commands.ts';

/** Without vowels, as in the serial numbers that are printed: 1HWF613, 3Q7LHQ2, 1D6QHQ2, 3V78B03. */
const SERIAL_ALPHABET = '0123456789BCDFGHJKLMNPQRSTVWXYZ';

function serialNumberOf(seed: string, node: number): string {
  const words = [seed, 'serial', node] as const;
  const first = wholeNumber(1, 9, ...words, 'first');
  const last = wholeNumber(0, 9, ...words, 'last');
  return `${first}${text(SERIAL_ALPHABET, 5, ...words)}${last}`;
}

/** The serial numbers of the nodes, the first node's first: seven characters each, never the same twice in one machine. */
export const serialNumbersOf = onceForEach((spec: MachineSpec): readonly string[] => {
  const first = serialNumberOf(spec.seed, 1);
  if (spec.nodeCount === 1) return [first];
  let draw = 2;
  while (serialNumberOf(spec.seed, draw) === first) draw++;
  return [first, serialNumberOf(spec.seed, draw)];
});

/** The serial number of the first node, which stands for the whole machine. */
export const serialNumberOfMachine = (spec: MachineSpec): string => serialNumbersOf(spec)[0] ?? '';

/** The id of a node; nodes count from 0. */
export const nodeIdOf = (spec: MachineSpec, node: number): string => nodeIdsOf(spec)[node] ?? '';

const nodeIdsOf = onceForEach((spec: MachineSpec): readonly string[] =>
  Array.from({ length: spec.nodeCount }, (_, node) => guid(spec.seed, 'node', node)),
);

/** The default friendly name (info): `DBE-1HWF613`. */
export const friendlyNameOf = (spec: MachineSpec): string => `DBE-${serialNumberOfMachine(spec)}`;
