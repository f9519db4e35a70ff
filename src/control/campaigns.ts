/** Campaigns of faults over the control door: faults that come by chance for a while, the same ones for the same seed. */
import { type CampaignRecord, type FaultKind, faultKinds } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
import { formatInstant } from '#shared/instant.ts';
import { type Json, type JsonObject, textIn } from '#shared/json.ts';
import { begin, end } from './machine-commands.ts';
import { type ControlParts, deviceOf } from './parts.ts';
import {
  invalidRequest,
  lengthIn,
  readBody,
  requiredParameter,
  requiredString,
} from './requests.ts';

/** The shortest mean time between faults `[ours]`: a machine that breaks every minute shows nothing. */
const SHORTEST_MEAN = 600_000;

export class Campaigns {
  readonly #parts: ControlParts;

  constructor(parts: ControlParts) {
    this.#parts = parts;
  }

  /** Begins one. */
  async begin(given: unknown): Promise<JsonObject> {
    const body = readBody(given, ['resource', 'kinds', 'meanTimeBetween', 'for', 'seed']);
    const resource = requiredString(body, 'resource');
    const asked = readCampaign(body);
    const device = await deviceOf(this.#parts, resource);
    const id = await begin(this.#parts, device.machine, {
      ...{ what: 'campaign', begun: 'campaign.began' },
      command: (campaign) => {
        const seed = textIn(body, 'seed') === '' ? campaign : textIn(body, 'seed');
        return { kind: 'beginCampaign', campaign, seed, ...asked };
      },
    });
    const campaigns = await this.#parts.fleet.campaignsOf(device.machine);
    const begun = campaigns.find((campaign) => campaign.id === id);
    return begun === undefined
      ? { id, resource: device.resourceId }
      : shown(device.resourceId, begun);
  }

  /** Those of a device that have not ended. */
  async list(query: unknown): Promise<JsonObject> {
    const device = await deviceOf(this.#parts, requiredParameter(query, 'resource'));
    const campaigns = await this.#parts.fleet.campaignsOf(device.machine);
    return { value: campaigns.map((campaign) => shown(device.resourceId, campaign)) };
  }

  /** Ends one; the faults that it has brought go on for their time. */
  async end(id: string): Promise<JsonObject> {
    const campaign = id.toLowerCase();
    const machine = await end(this.#parts, campaign, {
      ...{ what: 'campaign', how: 'end' },
      command: { kind: 'endCampaign', campaign },
    });
    return { id: campaign, resource: machine.owner.resourceId, status: 'Ended' };
  }
}

const shown = (resource: string, campaign: CampaignRecord): JsonObject => ({
  id: campaign.id,
  resource,
  kinds: [...campaign.kinds],
  seed: campaign.seed,
  meanTimeBetween: `PT${campaign.every / 1000}S`,
  endsAt: formatInstant(campaign.endsAt),
  faults: campaign.count,
});

/** Reads kinds and lengths; throws all faults. */
function readCampaign(body: JsonObject) {
  const faults: Fault[] = [];
  const kinds = kindsIn(body.kinds, faults);
  const every = lengthIn(body.meanTimeBetween, 'meanTimeBetween', faults);
  const length = lengthIn(body.for, 'for', faults);
  if (every !== undefined && every < SHORTEST_MEAN) {
    faults.push({
      target: 'meanTimeBetween',
      message: "'meanTimeBetween' must be PT10M at least.",
    });
  }
  for (const target of ['meanTimeBetween', 'for']) {
    if (body[target] === undefined) faults.push({ target, message: `'${target}' is required.` });
  }
  const { seed } = body;
  if (seed !== undefined && !(typeof seed === 'string' && /^.{1,64}$/.test(seed))) {
    faults.push({ target: 'seed', message: "'seed' must be a text of 1 to 64 characters." });
  }
  if (faults.length > 0 || every === undefined || length === undefined)
    throw invalidRequest(faults);
  return { kinds, every, for: length };
}

/** A list of kinds; empty where none is given, which means all that are possible. */
function kindsIn(value: Json | undefined, faults: Fault[]): readonly FaultKind[] {
  if (value === undefined) return [];
  const known = faultKinds().map(({ kind }) => kind);
  const list = Array.isArray(value) ? value : [];
  const kinds = known.filter((kind) => list.includes(kind));
  if (list.length > 0 && new Set(list).size === kinds.length) return kinds;
  faults.push({ target: 'kinds', message: `'kinds' must be a list of ${known.join(', ')}.` });
  return [];
}
