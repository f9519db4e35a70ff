/**
 * The offer that makes Arc free for those who took part in its preview: who has it, and whether a support request
 * asks for it. Called by `control/`, which writes `billing.offerGranted` when a request is granted.
 * Never grants by itself and never looks whether the resource exists: both are the caller's.
 * Sources: seed (appliance.md §10.6). That nothing but the exact fields qualifies is [D]; that outer blanks and
 * capitals don't matter, and what the answers say, is [ours]: the portal offers lists to choose from, not spelling.
 */
import type { Fault } from '#shared/failure.ts';
import type { Instant } from '#shared/instant.ts';
import { type Json, type JsonObject, isJsonObject } from '#shared/json.ts';
import { type BillableFact, historiesOf, identityOf } from './journal.ts';
import { type ArcOffer, NEW_DEVICE, standingAfter } from './standing.ts';

/** The billing flag of one device. */
export interface DeviceOffer {
  readonly resourceId: string;
  readonly arc: ArcOffer;
  /** Since when; absent where it has been `standard` from the start. */
  readonly since?: Instant;
}

/** The flag of each of `deviceIds` (ARM ids), in their order and spelling; one without facts is `standard`. */
export function offersOf(
  facts: readonly BillableFact[],
  deviceIds: readonly string[],
): DeviceOffer[] {
  const histories = historiesOf(facts);
  return deviceIds.map((resourceId) => {
    const history = histories.get(identityOf(resourceId));
    const { offer, offerSince } = (history?.facts ?? []).reduce(standingAfter, NEW_DEVICE);
    return {
      resourceId,
      arc: offer,
      ...(offerSince === undefined ? {} : { since: offerSince }),
    };
  });
}

/** The fields of a support request, in the order of the portal's form. */
const FIELDS = [
  'issueType',
  'subscription',
  'service',
  'resource',
  'summary',
  'problemType',
  'problemSubtype',
] as const;
type Field = (typeof FIELDS)[number];

/** What a request for the offer must say (seed); the other fields are the customer's own. */
const OFFER_REQUEST = {
  issueType: 'Billing',
  service: 'Azure Stack Edge',
  problemType: 'Unexpected Charges',
  problemSubtype: 'Help me understand charges on my free trial',
} as const satisfies Partial<Record<Field, string>>;

/** An ARM id within a subscription, which is the group. */
const RESOURCE_ID = /^\/subscriptions\/([^/]+)(?:\/.*)?$/i;
const DEVICE_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.DataBoxEdge\/dataBoxEdgeDevices\/[^/]+$/i;

/** A request that was understood. */
export interface SupportAnswer {
  /** The caller now writes `billing.offerGranted` for `resource`, if that device exists. */
  readonly granted: boolean;
  /** Granted ones are settled at once; all others wait for people who aren't here. */
  readonly status: 'Open' | 'Closed';
  /** For people: what was done, or which fields would have asked for the offer. */
  readonly answer: string;
  /** The resource it is about, without outer blanks. */
  readonly resource: string;
}

export type SupportAssessment = { readonly faults: readonly Fault[] } | SupportAnswer;

const isText = (value: Json | undefined): value is string =>
  typeof value === 'string' && value.trim() !== '';

/** The fields without outer blanks, or a fault for each that is missing, no text, or blank. */
function fieldsOf(request: JsonObject): Record<Field, string> | Fault[] {
  const faults: Fault[] = [];
  const read = (field: Field): string => {
    const value = Object.hasOwn(request, field) ? request[field] : undefined;
    if (isText(value)) return value.trim();
    const reason = value === undefined ? 'is required' : 'must be a text that is not blank';
    faults.push({ target: field, message: `The field '${field}' ${reason}.` });
    return '';
  };
  const fields = Object.fromEntries(FIELDS.map((field) => [field, read(field)]));
  return faults.length > 0 ? faults : (fields as Record<Field, string>);
}

/** Faults of fields that are texts but can't be what they must: a resource, and the subscription that holds it. */
function resourceFaults({ subscription, resource }: Record<Field, string>): Fault[] {
  const holder = RESOURCE_ID.exec(resource)?.[1];
  if (holder === undefined) {
    return [{ target: 'resource', message: "The field 'resource' must be an ARM id." }];
  }
  if (identityOf(holder) === identityOf(subscription)) return [];
  return [
    {
      target: 'subscription',
      message: `The field 'subscription' must be the id of the subscription that holds the resource, '${holder}'.`,
    },
  ];
}

/** What keeps a request from asking for the offer, as parts of a sentence. */
function differencesOf(fields: Record<Field, string>): string[] {
  const differences = Object.entries(OFFER_REQUEST)
    .filter(([field, wanted]) => identityOf(fields[field as Field]) !== identityOf(wanted))
    .map(([field, wanted]) => `${field} '${wanted}'`);
  if (!DEVICE_ID.test(fields.resource)) {
    differences.push('resource with the ARM id of an Azure Stack Edge device');
  }
  return differences;
}

/**
 * What becomes of a support request, as it was posted: all its faults, with the field as `target`; or whether it
 * turns the offer on, with its status and an answer. A request for something else is no fault: it stays open.
 */
export function assessSupportRequest(request: unknown): SupportAssessment {
  if (!isJsonObject(request)) {
    return { faults: [{ target: 'body', message: 'A support request must be a JSON object.' }] };
  }
  const fields = fieldsOf(request);
  if (Array.isArray(fields)) return { faults: fields };
  const faults = resourceFaults(fields);
  if (faults.length > 0) return { faults };
  const { resource } = fields;
  const differences = differencesOf(fields);
  if (differences.length > 0) {
    return {
      granted: false,
      status: 'Open',
      answer: `This request was received. It does not ask for the Arc preview offer; one that does has ${differences.join(', ')}.`,
      resource,
    };
  }
  return {
    granted: true,
    status: 'Closed',
    answer: `The Arc preview offer is on for '${resource}': from now on its Arc-enabled Kubernetes is metered and not charged.`,
    resource,
  };
}
