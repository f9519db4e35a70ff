/** What the control door's routes are in the documents: every one has its body, its query and its answer, with examples. */
import type { JsonObject } from '#shared/json.ts';
import {
  queryOf,
  type QueryParameter,
  responsesOf,
  schemaOfExample,
} from '#shared/route-document.ts';

export interface DocumentedRoute {
  readonly summary: string;
  readonly description?: string;
  /** Of its answer; 200 where nothing is said. */
  readonly status?: number;
  /** An example of the body; undefined: it has none. */
  readonly example?: JsonObject;
  /** The parameters of the query by name. */
  readonly query?: Readonly<Record<string, QueryParameter>>;
  /** It answers YAML in place of JSON. */
  readonly isYaml?: boolean;
}

export const SUBSCRIPTION_EXAMPLE = '11111111-1111-4111-8111-111111111111';
export const DEVICE_EXAMPLE =
  `/subscriptions/${SUBSCRIPTION_EXAMPLE}/resourceGroups/demo` +
  '/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/edge1';
export const RESOURCE_PARAMETER = {
  description: 'The ARM id of a device.',
  example: DEVICE_EXAMPLE,
};
export const SUBSCRIPTION_PARAMETER = {
  description: 'The GUID of a subscription.',
  example: SUBSCRIPTION_EXAMPLE,
};

/** The schema of a Fastify route. */
export function documentOf(route: DocumentedRoute): object {
  const { summary, description, status = 200, example, query, isYaml = false } = route;
  const { default: refused, ...answers } = responsesOf(status);
  const yaml = {
    description: 'Success',
    content: { 'application/yaml': { schema: { type: 'string' } } },
  };
  return {
    tags: ['Edgetwin'],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(example === undefined ? {} : { body: schemaOfExample(example) }),
    ...(query === undefined ? {} : { querystring: queryOf(query) }),
    response: { ...(isYaml ? { [status]: yaml } : answers), default: refused },
  };
}
