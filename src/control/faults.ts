/** Faults over the control door: what breaks on a device, when, and for how long; and its mending. */
import { type FaultKind, faultKinds, type FaultPlace, type FaultRecord } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
import { type Duration, formatInstant } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import { begin, end } from './machine-commands.ts';
import { type ControlParts, deviceOf } from './parts.ts';
import {
  invalidRequest,
  lengthIn,
  readBody,
  requiredParameter,
  requiredString,
} from './requests.ts';

/** The members that say where a fault is. */
const PLACES = ['node', 'disk', 'supply', 'stage'] as const;
const STAGES: readonly FaultPlace['stage'][] = [
  'scan',
  'download',
  'installSoftware',
  'installKubernetes',
];
/** A fault as it is asked for. */
interface Asked {
  readonly kind: FaultKind;
  readonly place: FaultPlace;
  readonly lengths: { readonly after?: Duration; readonly for?: Duration };
}

export class Faults {
  readonly #parts: ControlParts;

  constructor(parts: ControlParts) {
    this.#parts = parts;
  }

  /** Every kind of fault, with its members. */
  kinds(): JsonObject {
    return {
      value: faultKinds().map(({ kind, description, members }) => ({
        kind,
        description,
        members: members.map((member) => ({ ...member })),
      })),
    };
  }

  /** The faults of a device: those that have begun, and those to come. */
  async list(query: unknown): Promise<JsonObject> {
    const device = await deviceOf(this.#parts, requiredParameter(query, 'resource'));
    const faults = await this.#parts.fleet.faultsOf(device.machine);
    return { value: faults.map((fault) => shown(device.resourceId, fault)) };
  }

  /** Injects one. */
  async inject(given: unknown): Promise<JsonObject> {
    const known = ['resource', 'kind', ...PLACES, 'after', 'for'];
    const body = readBody(given, known);
    const resource = requiredString(body, 'resource');
    const { kind, place, lengths } = readFault(body);
    const device = await deviceOf(this.#parts, resource);
    const id = await begin(this.#parts, device.machine, {
      ...{ what: 'fault', begun: 'fault.injected' },
      command: (fault) => ({ kind: 'injectFault', fault, faultKind: kind, ...place, ...lengths }),
    });
    const faults = await this.#parts.fleet.faultsOf(device.machine);
    const injected = faults.find((fault) => fault.id === id);
    return injected === undefined
      ? { id, resource: device.resourceId }
      : shown(device.resourceId, injected);
  }

  /** Mends one, or calls off one to come. */
  async heal(id: string): Promise<JsonObject> {
    const fault = id.toLowerCase();
    const machine = await end(this.#parts, fault, {
      ...{ what: 'fault', how: 'heal' },
      command: { kind: 'healFault', fault },
    });
    return { id: fault, resource: machine.owner.resourceId, status: 'Healed' };
  }
}

/** A fault as it is shown. */
function shown(resource: string, fault: FaultRecord): JsonObject {
  const { id, kind, node, disk, supply, stage, beginsAt, endsAt, hasBegun } = fault;
  return {
    id,
    resource,
    kind,
    ...(node === undefined ? {} : { node }),
    ...(disk === undefined ? {} : { disk }),
    ...(supply === undefined ? {} : { supply }),
    ...(stage === undefined ? {} : { stage }),
    status: hasBegun ? 'Active' : 'Pending',
    beginsAt: formatInstant(beginsAt),
    ...(endsAt === undefined ? {} : { endsAt: formatInstant(endsAt) }),
  };
}

/** Reads kind, place and lengths; throws all faults. */
function readFault(body: JsonObject): Asked {
  const faults: Fault[] = [];
  const kinds = faultKinds().map(({ kind }) => kind);
  const kind = kinds.find((one) => one === body.kind);
  if (kind === undefined) {
    faults.push({ target: 'kind', message: `'kind' must be one of ${kinds.join(', ')}.` });
  }
  const place: { -readonly [Member in keyof FaultPlace]: FaultPlace[Member] } = {};
  if (isGiven(body.node, 'node', faults) && (body.node === 1 || body.node === 2)) {
    place.node = body.node;
  }
  for (const member of ['disk', 'supply'] as const) {
    const value = body[member];
    if (isGiven(value, member, faults) && typeof value === 'number') place[member] = value;
  }
  const stage = STAGES.find((one) => one === body.stage);
  if (stage !== undefined) place.stage = stage;
  else if (body.stage !== undefined) {
    faults.push({ target: 'stage', message: `'stage' must be one of ${STAGES.join(', ')}.` });
  }
  const after = lengthIn(body.after, 'after', faults);
  const length = lengthIn(body.for, 'for', faults);
  if (faults.length > 0 || kind === undefined) throw invalidRequest(faults);
  return {
    kind,
    place,
    lengths: {
      ...(after === undefined ? {} : { after }),
      ...(length === undefined ? {} : { for: length }),
    },
  };
}

/** Whether a number is given; adds a fault where it is no whole number from 1, or for a node not 1 or 2. */
function isGiven(value: Json | undefined, target: string, faults: Fault[]): boolean {
  if (value === undefined) return false;
  const most = target === 'node' ? 2 : 99;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most)
    return true;
  faults.push({ target, message: `'${target}' must be a whole number from 1 to ${most}.` });
  return false;
}
