/**
 * The machine behind a device resource: which one it is, what it can be seen to be, and the step that asks something
 * of it. Used by every type whose desired state a machine carries out.
 */
import type { ResourceRow } from '#arm/resource-type.ts';
import type { Command, MachineHandle, Observation, Overview } from '#fleet/fleet.ts';
import type { Effect, StepInTransaction } from '#operations/operation.ts';
import { parentKeyOf, resourceIdOf } from '#shared/arm-id.ts';
import { assert, present } from '#shared/assert.ts';
import { type JsonObject, objectIn, textIn } from '#shared/json.ts';
import type { Existing, ObservedTarget, Target } from './define.ts';
import type { Ports } from './ports.ts';

/** What a device's first PUT said about its hardware: kept in the stored body, never shown (devices.ts). */
export type HardwareOptions = {
  readonly nodes: 1 | 2;
  readonly release: string;
};

/** The member of a device's stored body that holds its `HardwareOptions`. */
export const HARDWARE = 'edgetwin';

/** Made once for each row: every observation of a device asks for it. */
const machines = new WeakMap<ResourceRow, MachineHandle>();

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
  const { nodes, release } = hardwareOptionsIn(device.body);
  return {
    id: device.incarnation,
    spec: {
      sku: textIn(objectIn(device.body, 'sku'), 'name'),
      nodeCount: nodes,
      release,
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

function hardwareOptionsIn(body: JsonObject): HardwareOptions {
  const { nodes, release } = objectIn(body, HARDWARE);
  assert(
    (nodes === 1 || nodes === 2) && typeof release === 'string',
    'a stored device has its hardware options',
  );
  return { nodes, release };
}

/** The device that a target belongs to. */
export function deviceOf(target: Target | ObservedTarget): ResourceRow {
  return present(target.root, 'the device of a target');
}

/** The name of the resource right above, as it was first written: so the machine knows it. */
export async function parentNameOf(target: Target): Promise<string> {
  const id = resourceIdOf(target.id);
  const parent = await target.ports.findResource(present(parentKeyOf(id), 'the key of a parent'));
  return parent?.name ?? present(id.names.at(-2), 'the name of a parent');
}

/** What the target's machine shows now. */
export async function observe(target: Target | ObservedTarget): Promise<Observation> {
  return await target.ports.fleet.observe(machineOf(deviceOf(target), target.ports.seed));
}

/** What can be seen now of the machines of several devices, in their order. */
export async function observeMany(
  devices: readonly ResourceRow[],
  { fleet, seed }: Ports,
): Promise<Observation[]> {
  return await fleet.observeMany(devices.map((device) => machineOf(device, seed)));
}

/** The overview of the target's machine. */
export async function overviewOf(target: Target): Promise<Overview> {
  return await target.ports.fleet.overview(machineOf(deviceOf(target), target.ports.seed));
}

/** The overviews of the machines of several devices, in their order. */
export async function overviewsOf(
  devices: readonly ResourceRow[],
  { fleet, seed }: Ports,
): Promise<Overview[]> {
  return await fleet.overviewMany(devices.map((device) => machineOf(device, seed)));
}

/** The overview of the target's machine, where it is known that it is still the same: the `seen` of types that read nothing else. */
export function cachedOverview(target: Target): Overview | undefined {
  return target.ports.fleet.cachedOverview(machineOf(deviceOf(target), target.ports.seed));
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
      if ('refused' in outcome) return { failed: outcome.refused, isRefusal: true };
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

/**
 * `id`, `name` and `type` as every view ends with them. `type` is the whole one in every api-version [rec]; the short forms in the
 * published examples are errors of theirs.
 */
export function identity(
  target: Existing,
  type: string,
): { id: string; name: string; type: string } {
  return { id: target.id, name: target.name, type };
}
