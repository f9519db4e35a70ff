/**
 * The offer under which Arc is free of charge for participants of its preview: which devices have it, and whether a
 * support request asks for it. `control/` writes `billing.offerGranted` where a request is granted, and checks that the
 * resource exists.
 * Sources: seed (appliance.md §10.6). That only the exact fields qualify is [D]; that case and surrounding white space
 * do not matter, and the texts of the answers, are [ours]: in the portal one chooses from lists.
 */
import type { Fault } from '#shared/failure.ts';
import type { Instant } from '#shared/instant.ts';
import { type Json, type JsonObject, isJsonObject } from '#shared/json.ts';
import { type BillableFact, historiesOf, identityOf } from './journal.ts';
import { type ArcOffer, INITIAL_STATE, stateAfter } from './billing-state.ts';

/** The billing flag of one device. */
export interface DeviceOffer {
  readonly resourceId: string;
  readonly arc: ArcOffer;
  /** Since when the flag holds; absent where it has been `standard` from the start. */
  readonly since?: Instant;
}

/** The flag of each of `deviceIds` (ARM ids), in their order and spelling; a device without facts has `standard`. */
export function offersOf(
  facts: readonly BillableFact[],
  deviceIds: readonly string[],
): DeviceOffer[] {
  const histories = historiesOf(facts);
  return deviceIds.map((resourceId) => {
    const history = histories.get(identityOf(resourceId));
    const { offer, offerSince } = (history?.facts ?? []).reduce(stateAfter, INITIAL_STATE);
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

/** The values with which a request asks for the offer (seed); the other fields are free. */
const OFFER_REQUEST = {
  issueType: 'Billing',
  service: 'Azure Stack Edge',
  problemType: 'Unexpected Charges',
  problemSubtype: 'Help me understand charges on my free trial',
} as const satisfies Partial<Record<Field, string>>;

/** An ARM id; its subscription is the captured group. */
const RESOURCE_ID = /^\/subscriptions\/([^/]+)(?:\/.*)?$/i;
const DEVICE_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.DataBoxEdge\/dataBoxEdgeDevices\/[^/]+$/i;

/** The answer to a valid request. */
export interface SupportAnswer {
  /** Whether the caller must write `billing.offerGranted` for `resource`, if that device exists. */
  readonly granted: boolean;
  /** Granted requests are closed at once; all others stay open, since no support staff is simulated. */
  readonly status: 'Open' | 'Closed';
  /** In words: what was done, or which fields a request for the offer would have. */
  readonly answer: string;
  /** The resource of the request, trimmed. */
  readonly resource: string;
}

export type SupportAssessment = { readonly faults: readonly Fault[] } | SupportAnswer;

const isNonEmptyString = (value: Json | undefined): value is string =>
  typeof value === 'string' && value.trim() !== '';

/** The fields, trimmed, or a fault for each that is missing or not a non-empty string. */
function fieldsOf(request: JsonObject): Record<Field, string> | Fault[] {
  const faults: Fault[] = [];
  const read = (field: Field): string => {
    const value = Object.hasOwn(request, field) ? request[field] : undefined;
    if (isNonEmptyString(value)) return value.trim();
    const reason = value === undefined ? 'is required' : 'must be a non-empty string';
    faults.push({ target: field, message: `The field '${field}' ${reason}.` });
    return '';
  };
  const fields = Object.fromEntries(FIELDS.map((field) => [field, read(field)]));
  return faults.length > 0 ? faults : (fields as Record<Field, string>);
}

/** Faults of the resource, which must be an ARM id, and of the subscription, which must be that of the resource. */
function resourceFaults({ subscription, resource }: Record<Field, string>): Fault[] {
  const owner = RESOURCE_ID.exec(resource)?.[1];
  if (owner === undefined) {
    return [{ target: 'resource', message: "The field 'resource' must be an ARM id." }];
  }
  if (identityOf(owner) === identityOf(subscription)) return [];
  return [
    {
      target: 'subscription',
      message: `The field 'subscription' must be the id of the subscription of the resource, '${owner}'.`,
    },
  ];
}

/** What a request would need to ask for the offer, as parts of a sentence. */
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
 * Assesses a support request as it was posted: all its faults, with the field as `target`; or else whether it turns the
 * offer on, with its status and an answer. A request for something else is valid and stays open.
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
