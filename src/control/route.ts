/** What a route of the control door is, and the values that its documents share. */
import type { FastifyRequest, HTTPMethods } from 'fastify';
import type { JsonObject } from '#shared/json.ts';

export interface ControlRoute {
  readonly method: HTTPMethods;
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly status?: number;
  /** An example of the body, for the documents; undefined: it has none. */
  readonly example?: JsonObject;
  /** The parameters of the query, by name, with what each is. */
  readonly query?: Readonly<Record<string, string>>;
  carryOut(request: FastifyRequest): Promise<JsonObject>;
}

export const SUBSCRIPTION_EXAMPLE = '11111111-1111-4111-8111-111111111111';
export const DEVICE_EXAMPLE =
  `/subscriptions/${SUBSCRIPTION_EXAMPLE}/resourceGroups/demo` +
  '/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/edge1';
export const RESOURCE_PARAMETER = 'The ARM id of a device.';
export const SUBSCRIPTION_PARAMETER = 'The GUID of a subscription.';
