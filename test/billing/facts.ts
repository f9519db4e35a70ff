/**
 * Builds journal rows for the tests of `src/billing/`: one device's facts in a line each, numbered as they come.
 */
import { type Instant, instant, parseInstant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { present } from '#shared/assert.ts';
import type { BillableFact } from '#billing/journal.ts';

export const SUBSCRIPTION = '0b7f0a3e-5f0e-4c7e-9b55-2f6f4d1f0c11';

/** ARM id of a device of that name in the tests' subscription. */
export const deviceId = (name: string, subscription = SUBSCRIPTION): string =>
  `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/${name}`;

/** `2026-11-24`, or with a time: `2026-11-24T18:00`; UTC. */
export const at = (text: string): Instant =>
  present(parseInstant(text.includes('T') ? `${text}Z` : `${text}T00:00Z`), text);

type Line = readonly [when: string | number, kind: string, data?: JsonObject];

/** The rows of one device, in the order given. */
export function factsOf(name: string, lines: readonly Line[], first = 1): BillableFact[] {
  return lines.map(([when, kind, data], index) => ({
    sequence: first + index,
    at: typeof when === 'number' ? instant(when) : at(when),
    subscriptionId: SUBSCRIPTION,
    resourceId: deviceId(name),
    kind,
    data: data ?? {},
  }));
}

export const DELIVERED = { sku: 'EdgeP_Base' };
export const GRANTED = { offer: 'previewNoCharge' };
export const connected = (coreCount: number): JsonObject => ({
  connectedClusterId:
    '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Kubernetes/connectedClusters/c',
  coreCount,
});
