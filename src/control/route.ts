/** What a route of the control door is. */
import type { FastifyRequest, HTTPMethods } from 'fastify';
import type { JsonObject } from '#shared/json.ts';
import type { DocumentedRoute } from './route-documents.ts';

export interface ControlRoute extends DocumentedRoute {
  readonly method: HTTPMethods;
  readonly path: string;
  carryOut(request: FastifyRequest): Promise<JsonObject>;
}
