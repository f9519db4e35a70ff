/** Facts as sentences, for whoever reads an explanation as a story. */
import type { Json, JsonObject } from '#shared/json.ts';
import type { JournalEntry } from '#store/journal.ts';

const show = (value: Json | undefined): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);

/** Where a fault is: ` of node 2`. */
function placeIn({ node, disk, supply, stage }: JsonObject): string {
  const parts = [
    disk === undefined ? '' : `disk ${show(disk)}`,
    supply === undefined ? '' : `supply ${show(supply)}`,
    node === undefined ? '' : `node ${show(node)}`,
    stage === undefined ? '' : `stage ${show(stage)}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

const SENTENCES: Readonly<Record<string, (data: JsonObject) => string>> = {
  'machine.statusChanged': ({ from, to }) =>
    `The status of the device changed from ${show(from)} to ${show(to)}.`,
  'machine.activated': ({ release }) => `The device was activated, with release ${show(release)}.`,
  'machine.activating': () => 'The activation of the device began.',
  'machine.activationFailed': ({ code }) => `The activation of the device failed: ${show(code)}.`,
  'node.stateChanged': ({ node, from, to }) =>
    `The node ${show(node)} changed from ${show(from)} to ${show(to)}.`,
  'arc.connectivityChanged': ({ from, to }) =>
    `Arc's view of the cluster changed from ${show(from)} to ${show(to)}.`,
  'arc.connecting': () => 'The agents were installed, and Arc knows the cluster.',
  'arc.connected': () => 'The first heartbeat of the agents reached Arc.',
  'alert.raised': ({ type, severity }) => `The alert ${show(type)} was raised (${show(severity)}).`,
  'alert.cleared': ({ type }) => `The alert ${show(type)} was cleared.`,
  'cluster.masterMoved': ({ from, to }) =>
    `The master VM of the cluster moved from the node ${show(from)} to ${show(to)}.`,
  'fault.injected': ({ kind, beginsAt, endsAt, ...place }) =>
    `The fault ${show(kind)}${placeIn(place)} was injected, to begin at ${show(beginsAt)}` +
    (endsAt === undefined ? ' and to last until it is healed.' : ` and to end at ${show(endsAt)}.`),
  'fault.began': ({ kind, ...place }) => `The fault ${show(kind)}${placeIn(place)} began.`,
  'fault.ended': ({ kind, how, ...place }) =>
    `The fault ${show(kind)}${placeIn(place)} ended (${show(how)}).`,
  'campaign.began': ({ kinds, endsAt }) =>
    `A campaign of faults began, until ${show(endsAt)}: ${Array.isArray(kinds) ? kinds.map(show).join(', ') : ''}.`,
  'operation.accepted': ({ verb }) =>
    `Azure Resource Manager accepted the request (${show(verb)}).`,
  'update.installed': ({ from, to }) =>
    `The update from ${show(from)} to ${show(to)} was installed.`,
  'transfer.rateChanged': ({ bytesPerSecond }) =>
    `The transfers between the device and the cloud have ${show(bytesPerSecond)} bytes a second.`,
  'order.shipped': ({ carrier }) => `The device was handed to ${show(carrier)}.`,
  'order.delivered': () => 'The device was delivered.',
};

/** What `entry` tells, in a sentence. */
export const sentenceOf = ({ kind, data }: JournalEntry): string =>
  SENTENCES[kind]?.(data) ?? `${kind}: ${JSON.stringify(data)}`;
