/**
 * `GET /providers/{namespace}/operations`: what may be done to the namespace's resources, as access is asked for it.
 * Follows from the resource types; no second list.
 */
import { Type } from 'typebox';
import type { Model, OperationContract } from './operation-contract.ts';
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
