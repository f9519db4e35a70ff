/** Finds the stage tables of the machine: those that its processes start, in drawn sequences of requests. */
import { createAppliance, request } from '#appliance/appliance.ts';
import type { Command } from '#appliance/commands.ts';
import { processOf } from '#appliance/processes.ts';
import type { ApplianceState, Journey } from '#appliance/state.ts';
import type { Stage } from '#shared/stages.ts';
import { requestsOf, SEEDS, specFor } from './drawn-requests.ts';

/** The stage table that `command` starts in that state. */
export const tableOf = (state: ApplianceState, command: Command | Journey): readonly Stage[] =>
  processOf(command).table(state, command);

/** Every table that the sequences start, by kind of command and names of stages: `deleteUser: apply`. */
export function drawnTables(): ReadonlyMap<string, readonly Stage[]> {
  const tables = new Map<string, readonly Stage[]>();
  const add = (state: ApplianceState, command: Command | Journey): void => {
    const table = tableOf(state, command);
    if (table.length === 0) return;
    tables.set(`${command.kind}: ${table.map((stage) => stage.name).join(', ')}`, table);
  };
  for (const seed of SEEDS) {
    let state = createAppliance(specFor(seed));
    for (const { at, ...asked } of requestsOf(seed)) {
      const answer = request(state, { ...asked, id: `${asked.id} at ${at}` }, at);
      if ('refused' in answer) continue;
      add(state, asked.command);
      state = answer.state;
      if (asked.command.kind === 'placeOrder') add(state, { kind: 'journey' });
    }
  }
  return tables;
}
