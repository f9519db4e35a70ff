/**
 * The machine behind a device resource: which one it is, what it can be seen to be, and the step that asks something
 * of it. Used by every type whose desired state a machine carries out.
 */
import type { ResourceRow } from '#arm/resource-type.ts';
import type { Command, MachineHandle, Observation } from '#fleet/fleet.ts';
import type { Effect, StepInTransaction } from '#operations/operation.ts';
import { parentKeyOf, resourceIdOf } from '#shared/arm-id.ts';
import { present } from '#shared/assert.ts';
import { type JsonObject, objectIn } from '#shared/json.ts';
import type { Existing, Target } from './define.ts';
import type { Ports } from './ports.ts';

/** What a device's first PUT said about its hardware: kept in the stored body, never shown (devices.ts). */
export interface Birth {
  readonly nodes: 1 | 2;
  readonly release: string;
}

/** The member of a device's stored body that holds its `Birth`. */
export const BIRTH = 'edgetwin';

/** Made once a row: every look at a device asks for it. */
const machines = new WeakMap<ResourceRow, MachineHandle>();

/** What the stored body of a device holds of its birth. */
export const birthIn = (body: JsonObject): Birth => objectIn(body, BIRTH) as unknown as Birth;

/** The machine of a device resource, in the world of `seed`. */
export function machineOf(device: ResourceRow, seed: string): MachineHandle {
  let machine = machines.get(device);
  if (machine === undefined) {
    machine = describedBy(device, seed);
    machines.set(device, machine);
  }
  return machine;
}

function describedBy(device: ResourceRow, seed: string): MachineHandle {
  const birth = birthIn(device.body);
  const sku = device.body.sku as { readonly name: string };
  return {
    id: device.incarnation,
    spec: {
      sku: sku.name,
      nodeCount: birth.nodes,
      release: birth.release,
      seed: `${seed}/${device.incarnation}`,
      createdAt: device.createdAt,
    },
    owner: {
      subscriptionId: device.subscriptionId,
      resourceKey: device.key,
      resourceId: device.id,
    },
  };
}

/** The device that a target belongs to. */
export function deviceOf(target: Target): ResourceRow {
  return present(target.root, 'the device of a target');
}

/** The name of the resource right above, as it was first written: so the machine knows it. */
export async function parentNameOf(target: Target): Promise<string> {
  const id = resourceIdOf(target.id);
  const parent = await target.ports.findResource(present(parentKeyOf(id), 'the key of a parent'));
  return parent?.name ?? present(id.names.at(-2), 'the name of a parent');
}

/** What can be seen of the target's machine now. */
export async function observe(target: Target): Promise<Observation> {
  return await target.ports.fleet.observe(machineOf(deviceOf(target), target.ports.seed));
}

/** What can be seen now of the machines of several devices, in their order. */
export async function observeMany(
  devices: readonly ResourceRow[],
  { fleet, seed }: Ports,
): Promise<Observation[]> {
  return await fleet.observeMany(devices.map((device) => machineOf(device, seed)));
}

/** What was seen of the target's machine, where it is known that this is so still: the `seen` of types that read nothing else. */
export function cachedObservation(target: Target): Observation | undefined {
  return target.ports.fleet.cachedObservation(machineOf(deviceOf(target), target.ports.seed));
}

/** A step that puts `command` to the target's machine and waits for its end; it brings `effects` where it succeeds. */
export function machineStep(
  target: Target,
  command: Command,
  effects: readonly Effect[] = [],
): StepInTransaction {
  const { fleet } = target.ports;
  const machine = machineOf(deviceOf(target), target.ports.seed);
  return {
    name: command.kind,
    refusal: async () => await fleet.refusalOf(machine, command),
    runIn: async (transaction, { stepId }) => {
      const outcome = await fleet.commandIn(transaction, machine, { id: stepId, command });
      if ('refused' in outcome) return { failed: outcome.refused };
      const { task } = outcome;
      switch (task.state) {
        case 'running':
          return { until: [{ task: { appliance: machine.id, id: stepId } }] };
        case 'succeeded':
          return { done: true, effects };
        case 'failed':
          return { failed: task.failure };
      }
    },
  };
}

/** `id`, `name` and `type` as every view ends with them. */
export function identity(
  target: Existing,
  type: string,
): { id: string; name: string; type: string } {
  return { id: target.id, name: target.name, type };
}
