/**
 * `GET /providers/{namespace}/operations`: what may be done to the namespace's resources, as access is asked for it.
 * Follows from the resource types; no second list.
 */
import { Type } from 'typebox';
import { lastSegmentOf } from '#shared/arm-id.ts';
import type { JsonObject } from '#shared/json.ts';
import type { Model, OperationContract } from './operation-contract.ts';
import type { ResourceDeclaration } from './declaration.ts';
import { routesOf } from './routes.ts';
import { projectJson } from './projection.ts';
import { named, nodeOf, object, oneOf, since } from './schema.ts';

const text = Type.Optional(Type.String());
const aggregation = oneOf(
  ['NotSpecified', 'None', 'Average', 'Minimum', 'Maximum', 'Total', 'Count'],
  named('MetricAggregationType'),
);

const metric = object(
  {
    name: text,
    displayName: text,
    displayDescription: text,
    unit: Type.Optional(
      oneOf(
        [
          'NotSpecified',
          'Percent',
          'Count',
          'Seconds',
          'Milliseconds',
          'Bytes',
          'BytesPerSecond',
          'CountPerSecond',
        ],
        named('MetricUnit'),
      ),
    ),
    aggregationType: Type.Optional(aggregation),
    dimensions: Type.Optional(
      Type.Array(
        object(
          {
            name: text,
            displayName: text,
            toBeExportedForShoebox: Type.Optional(Type.Boolean()),
          },
          named('MetricDimension_V1'),
        ),
      ),
    ),
    fillGapWithZero: Type.Optional(Type.Boolean()),
    category: Type.Optional(oneOf(['Capacity', 'Transaction'], named('MetricCategory'))),
    resourceIdDimensionNameOverride: text,
    supportedTimeGrainTypes: Type.Optional(
      Type.Array(
        oneOf(
          ['PT1M', 'PT5M', 'PT15M', 'PT30M', 'PT1H', 'PT6H', 'PT12H', 'PT1D'],
          named('TimeGrain'),
        ),
      ),
    ),
    supportedAggregationTypes: Type.Optional(Type.Array(aggregation)),
  },
  named('MetricSpecification_V1'),
);

const specification = object(
  { metricSpecifications: Type.Optional(Type.Array(metric)) },
  named('ServiceSpecification'),
);

const operation = object(
  {
    name: text,
    isDataAction: Type.Optional(Type.Boolean({ ...since('2020-09-01') })),
    display: Type.Optional(
      object(
        { provider: text, resource: text, operation: text, description: text },
        named('OperationDisplay'),
      ),
    ),
    origin: text,
    properties: Type.Optional(
      object({ serviceSpecification: Type.Optional(specification) }, named('OperationProperties')),
    ),
  },
  named('Operation'),
);

const list: Model = {
  schema: nodeOf(object({ value: Type.Array(operation), nextLink: text }, named('OperationsList'))),
};

/** What the operation promises. */
export function operationsListContract(namespace: string): OperationContract {
  return {
    operationId: 'Operations_List',
    tag: namespace,
    summary: `Lists what may be done to resources of ${namespace}.`,
    parameters: [],
    answers: { 200: list },
    isLongRunning: false,
    isPageable: true,
    published: {},
  };
}

/** `bandwidthSchedules` as `bandwidth schedules`. */
const inWords = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

const inSentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** What `permission` is in words, in the manner of the published example. */
function wordsOf(permission: string, title: string): { operation: string; description: string } {
  switch (permission) {
    case 'read':
      return { operation: `List ${title}`, description: `Lists or gets the ${title}` };
    case 'write':
      return {
        operation: `Creates or updates ${title}`,
        description: `Creates or updates the ${title}`,
      };
    case 'delete':
      return { operation: `Delete ${title}`, description: `Deletes the ${title}` };
    default: {
      const [last = '', ...above] = permission.split('/').slice(0, -1).toReversed();
      const words = inSentence([last, ...above].map(inWords).join(' '));
      const operation = permission.endsWith('/read') ? `Gets ${words.toLowerCase()}` : words;
      return { operation, description: `${operation} of ${title}` };
    }
  }
}

/** Everything that may be done to resources of `namespace`, each once, as `version` shows it. */
export function operationsOf(
  all: readonly ResourceDeclaration[],
  namespace: string,
  version: string,
): JsonObject[] {
  const types = all.filter((type) => type.namespace === namespace);
  const entries = new Map<string, JsonObject>();
  const put = (name: string, resource: string, words: ReturnType<typeof wordsOf>): void => {
    const display = { provider: namespace, resource, ...words };
    entries.set(name, { name, isDataAction: false, display, origin: 'user' });
  };
  put(`${namespace}/register/action`, namespace, {
    operation: `Register ${namespace}`,
    description: `Registers the subscription for the resource provider ${namespace}`,
  });
  for (const { type, permission } of routesOf(types)) {
    const title = type.title ?? inWords(lastSegmentOf(type.type));
    put(`${namespace}/${type.type}/${permission}`, title, wordsOf(permission, title));
  }
  const further = types.flatMap((type) => type.furtherOperations ?? []);
  return [...entries.values(), ...further].map(
    (entry) => projectJson(nodeOf(operation), entry, version) as JsonObject,
  );
}
