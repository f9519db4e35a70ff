/** Commands of control that begin something on a machine under an id of its own, or end it by that id: faults and campaigns. */
import type { Command, MachineHandle } from '#fleet/fleet.ts';
import { shortened } from '#shared/outline.ts';
import { guid } from '#shared/random.ts';
import { countFacts } from '#store/journal.ts';
import { type ControlParts, refused } from './parts.ts';
import { notFound } from './requests.ts';

type What = 'fault' | 'campaign';

/** Begins one and gives its id, drawn from the seed, the device and how many began there before; throws a 409 where the machine refuses. */
export async function begin(
  { database, fleet, seed }: ControlParts,
  machine: MachineHandle,
  {
    what,
    begun,
    command,
  }: {
    readonly what: What;
    /** The kind of the fact that each beginning leaves. */
    readonly begun: string;
    readonly command: (id: string) => Command;
  },
): Promise<string> {
  const { resourceKey } = machine.owner;
  return await database.write(async (writer) => {
    const id = guid(seed, what, resourceKey, await countFacts(writer, resourceKey, begun));
    const request = { id: `control/${what}s/${id}`, command: command(id) };
    const outcome = await fleet.commandIn(writer, machine, request);
    if ('refused' in outcome) throw refused(outcome.refused);
    return id;
  });
}

/** Ends the one of that id, in lower case, and gives the machine that had it; throws a 404 where none has. */
export async function end(
  { fleet }: ControlParts,
  id: string,
  { what, how, command }: { readonly what: What; readonly how: string; readonly command: Command },
): Promise<MachineHandle> {
  const machine = await fleet.machineWithFault(id);
  const outcome =
    machine && (await fleet.command(machine, `control/${what}s/${id}/${how}`, command));
  if (machine === undefined || outcome === undefined || 'refused' in outcome) {
    throw notFound(`The ${what} '${shortened(id)}'`);
  }
  return machine;
}
