/** All that a client can see of the story's world, in a form that two tellings can be compared in. */
import type { JsonObject } from '#shared/json.ts';
import {
  ADDON,
  CONNECTED,
  GROUP_URL,
  OFFERS,
  ORDER,
  ROLE,
  SCHEDULE,
  SHARE,
} from '../scenarios/story.ts';
import { type ArmClient, DEVICE, GROUP, SUBSCRIPTION } from '../support/arm-client.ts';

/** Answers by what was asked. */
export type Seen = Readonly<Record<string, unknown>>;

const RESOURCES = [
  `/subscriptions/${SUBSCRIPTION}/resourceGroups?api-version=2021-04-01`,
  GROUP_URL,
  `${GROUP}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices`,
  DEVICE,
  `${DEVICE}/orders`,
  ORDER,
  `${DEVICE}/roles`,
  ROLE,
  `${ROLE}/addons`,
  ADDON,
  `${DEVICE}/shares`,
  SHARE,
  `${DEVICE}/users`,
  `${DEVICE}/bandwidthSchedules`,
  SCHEDULE,
  `${DEVICE}/updateSummary/default`,
  CONNECTED,
  '/_edgetwin/clock',
  OFFERS,
  `/_edgetwin/billing/usage?subscription=${SUBSCRIPTION}`,
  `/_edgetwin/billing/invoices?subscription=${SUBSCRIPTION}`,
];

/** Key material is another in each telling. */
const withoutKeys = (body: unknown): unknown =>
  JSON.parse(
    JSON.stringify(body, (name, value: unknown) =>
      name === 'agentPublicKeyCertificate' ? 'a key' : value,
    ),
  );

/**
 * Facts in the order of simulated time; among those of one moment each resource's and each cause's in the order in which they
 * were written. What is asked for and what falls due at one moment happens side by side: which of two causes comes first depends
 * on the wall, and nothing else depends on that.
 */
export function inSimulatedOrder(facts: readonly JsonObject[]): JsonObject[] {
  const placeOf = ({ at, resource, cause }: JsonObject): string =>
    [at, resource, cause].map(String).join(' ');
  return facts
    .map(({ sequence: _sequence, ...fact }) => fact)
    .sort((one, other) =>
      placeOf(one) < placeOf(other) ? -1 : Number(placeOf(one) > placeOf(other)),
    );
}

/** Everything of it, and what became of every operation. */
export async function worldSeenBy(arm: ArmClient): Promise<Seen> {
  const seen: Record<string, unknown> = {};
  const facts = await arm.all(`/_edgetwin/journal?subscription=${SUBSCRIPTION}`);
  seen.journal = inSimulatedOrder(facts);
  const operations = facts
    .filter(({ kind }) => kind === 'operation.accepted')
    .map(({ data }) => (data as { operation: string }).operation);
  const urls = operations.flatMap((id) => [
    `${DEVICE}/operationsStatus/${id}`,
    `${DEVICE}/jobs/${id}`,
  ]);
  for (const url of [...RESOURCES, ...urls]) {
    const { status, body } = await arm.call('get', url);
    seen[url] = { status, body: withoutKeys(body) };
  }
  return seen;
}
