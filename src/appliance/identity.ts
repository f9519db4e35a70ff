/**
 * Who a machine is: the serial numbers of its nodes, and the names made of them. Called by all that show or name it. Drawn
 * from the seed alone, so it is the same before and after anything that happens to the machine.
 * Sources: [S] DataBoxEdgeDeviceGetByName, ps, devset (appliance.md §3, §4.3).
 */
import { guid, text, wholeNumber } from '#shared/random.ts';
import type { MachineSpec } from './commands.ts';

/** No vowels, as in the printed ones: 1HWF613, 3Q7LHQ2, 1D6QHQ2, 3V78B03. */
const SERIAL_ALPHABET = '0123456789BCDFGHJKLMNPQRSTVWXYZ';

function serialNumberOf(seed: string, node: number): string {
  const words = [seed, 'serial', node] as const;
  const first = wholeNumber(1, 9, ...words, 'first');
  const last = wholeNumber(0, 9, ...words, 'last');
  return `${first}${text(SERIAL_ALPHABET, 5, ...words)}${last}`;
}

/** Seven characters each, the first node's first; never the same twice in one machine. */
export function serialNumbersOf(spec: MachineSpec): readonly string[] {
  const first = serialNumberOf(spec.seed, 1);
  if (spec.nodeCount === 1) return [first];
  let draw = 2;
  while (serialNumberOf(spec.seed, draw) === first) draw++;
  return [first, serialNumberOf(spec.seed, draw)];
}

/** The first node's, which stands for the machine. */
export const serialNumberOfMachine = (spec: MachineSpec): string => serialNumberOf(spec.seed, 1);

/** The node's own id; nodes count from 0. */
export const nodeIdOf = (spec: MachineSpec, node: number): string => guid(spec.seed, 'node', node);

/** `DBE-1HWF613`: the default name (info). */
export const friendlyNameOf = (spec: MachineSpec): string => `DBE-${serialNumberOfMachine(spec)}`;
