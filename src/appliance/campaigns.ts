/**
 * Campaigns: faults of some kinds that come by chance for a while, at a mean time between them. All of it is drawn from the
 * campaign's seed, one fault after the other, so that the same campaign breaks the same things at the same moments.
 */
import { formatInstant, type Instant, milliseconds, minutes, plus } from '#shared/instant.ts';
import { fraction, guid, wholeNumber } from '#shared/random.ts';
import { type Change, unchanged, withFact } from './change.ts';
import type { FaultKind, FaultPlace, MachineSpec } from './commands.ts';
import { FAILING_STAGES, FAULT_KINDS, impossibleOn, membersOf } from './fault-kinds.ts';
import { injectFault } from './faults.ts';
import { hardwareOf } from './models.ts';
import type { CommandOf, Process } from './process.ts';
import { alreadyThere, limitReached, notFound, unsupported } from './refusals.ts';
import type { ApplianceState, CampaignRecord } from './state.ts';

/** How many campaigns a machine has at a time `[ours]`. */
const MAX_CAMPAIGNS = 5;
/** The shortest fault of a campaign `[ours]`; the longest lasts half the mean time between them. */
const SHORTEST = minutes(5);

const campaignsOf = (state: ApplianceState): readonly CampaignRecord[] => state.campaigns ?? [];

function withCampaigns(
  { campaigns: _campaigns, ...state }: ApplianceState,
  campaigns: readonly CampaignRecord[],
): ApplianceState {
  return campaigns.length === 0 ? state : { ...state, campaigns };
}

/** A fault of a campaign that comes next, or its end, and when. */
export interface CampaignDue {
  readonly campaign: CampaignRecord;
  readonly at: Instant;
}

export function nextCampaignDue(state: ApplianceState): CampaignDue | undefined {
  let next: CampaignDue | undefined;
  for (const campaign of campaignsOf(state)) {
    const at = campaign.nextAt < campaign.endsAt ? campaign.nextAt : campaign.endsAt;
    if (next === undefined || at < next.at) next = { campaign, at };
  }
  return next;
}

/** Exponential, so that each moment is as likely as any other. */
function waitOf(
  { every, ...campaign }: Pick<CampaignRecord, 'every' | 'seed' | 'id'>,
  count: number,
) {
  const drawn = -Math.log(1 - fraction(campaign.seed, campaign.id, count, 'wait')) * every;
  return milliseconds(Math.max(1, Math.min(drawn, every * 20)));
}

/** The fault of that number, as a command. */
function faultOf(
  spec: MachineSpec,
  { id, seed, kinds, every, count }: CampaignRecord,
): CommandOf<'injectFault'> {
  const words = [seed, id, count] as const;
  const kind = kinds[wholeNumber(0, kinds.length - 1, ...words, 'kind')] ?? 'uplinkDown';
  const longest = Math.max(SHORTEST, every / 2);
  return {
    kind: 'injectFault',
    fault: guid(spec.seed, 'fault of a campaign', ...words),
    faultKind: kind,
    ...drawnPlace(spec, kind, words),
    for: milliseconds(wholeNumber(SHORTEST, longest, ...words, 'for')),
  };
}

function drawnPlace(
  spec: MachineSpec,
  kind: FaultKind,
  words: readonly (string | number)[],
): FaultPlace {
  const members = membersOf(kind);
  const node = wholeNumber(1, spec.nodeCount, ...words, 'node') === 2 ? 2 : 1;
  const { diskCount } = hardwareOf(spec.sku);
  const stage = FAILING_STAGES[wholeNumber(0, FAILING_STAGES.length - 1, ...words, 'stage')];
  return {
    ...(members.includes('node') ? { node } : {}),
    ...(members.includes('disk') ? { disk: wholeNumber(1, diskCount, ...words, 'disk') } : {}),
    ...(members.includes('stage') && stage !== undefined ? { stage } : {}),
  };
}

/** Plays a fault of a campaign, or its end, at `state.at`. One that can't be, since the machine has it, is left out. */
export function playCampaign(state: ApplianceState, { campaign }: CampaignDue): Change {
  const others = campaignsOf(state).filter((other) => other !== campaign);
  if (state.at >= campaign.endsAt) return ended(state, campaign, 'elapsed');
  const count = campaign.count + 1;
  const next = { ...campaign, count, nextAt: plus(state.at, waitOf(campaign, count)) };
  const gone = withCampaigns(state, [...others, next]);
  const command = faultOf(state.spec, campaign);
  if (injectFault.refuse(gone, command) !== undefined) return unchanged(gone);
  const id = `campaign/${campaign.id}/${campaign.count}`;
  const injected = injectFault.begin?.(gone, {
    ...{ id, command, stages: [], played: 0 },
    schedule: { startedAt: state.at, endsAt: [] },
  });
  return injected ?? unchanged(gone);
}

const ended = (state: ApplianceState, campaign: CampaignRecord, how: 'elapsed' | 'ended'): Change =>
  withFact(
    withCampaigns(
      state,
      campaignsOf(state).filter((other) => other !== campaign),
    ),
    'campaign.ended',
    { campaign: campaign.id, faults: campaign.count, how },
  );

export const beginCampaign: Process<CommandOf<'beginCampaign'>> = {
  subject: ({ campaign }) => campaign,
  needs: 'nothing',
  refuse: (state, { campaign, kinds }) => {
    for (const kind of kinds) {
      const impossible = impossibleOn(state.spec, kind);
      if (impossible !== undefined) {
        return unsupported(`A fault of kind ${kind} is impossible: ${impossible}`);
      }
    }
    const all = campaignsOf(state);
    if (all.length >= MAX_CAMPAIGNS) {
      return limitReached(`The device has ${MAX_CAMPAIGNS} campaigns already.`);
    }
    return all.some(({ id }) => id === campaign)
      ? alreadyThere(`The device has the campaign ${campaign} already.`)
      : undefined;
  },
  table: () => [],
  begin: (state, { command }) => {
    const { campaign: id, every, seed } = command;
    const kinds = command.kinds.length > 0 ? command.kinds : possibleKinds(state.spec);
    const record: CampaignRecord = {
      ...{ id, seed, kinds, every, count: 0 },
      endsAt: plus(state.at, command.for),
      nextAt: plus(state.at, waitOf({ id, seed, every }, 0)),
    };
    return withFact(withCampaigns(state, [...campaignsOf(state), record]), 'campaign.began', {
      campaign: id,
      kinds: [...kinds],
      endsAt: formatInstant(record.endsAt),
    });
  },
};

const possibleKinds = (spec: MachineSpec): readonly FaultKind[] =>
  FAULT_KINDS.filter((kind) => impossibleOn(spec, kind) === undefined);

export const endCampaign: Process<CommandOf<'endCampaign'>> = {
  subject: ({ campaign }) => campaign,
  needs: 'nothing',
  refuse: (state, { campaign }) =>
    campaignsOf(state).some(({ id }) => id === campaign) ? undefined : notFound(campaign),
  table: () => [],
  begin: (state, { command }) => {
    const campaign = campaignsOf(state).find(({ id }) => id === command.campaign);
    return campaign === undefined ? unchanged(state) : ended(state, campaign, 'ended');
  },
};
