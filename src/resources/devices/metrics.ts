/**
 * What Microsoft.Insights offers on a device, as the operations list shows it: the metrics and the diagnostic settings.
 */
import { type Metric, metricsOfDevices } from '#fleet/fleet.ts';
import type { JsonObject } from '#shared/json.ts';

function specificationOf(metric: Metric): JsonObject {
  const { dimension } = metric;
  return {
    name: metric.name,
    displayName: metric.displayName,
    displayDescription: metric.description,
    unit: metric.unit,
    aggregationType: 'Average',
    dimensions:
      dimension === undefined
        ? []
        : [{ name: dimension[0], displayName: dimension[1], toBeExportedForShoebox: true }],
    fillGapWithZero: false,
    category: metric.category,
    supportedTimeGrainTypes:
      dimension === undefined ? ['PT5M', 'PT15M', 'PT1H'] : ['PT1M', 'PT15M', 'PT1H'],
    supportedAggregationTypes: ['Average', 'Minimum', 'Maximum'],
  };
}

const entry = (path: string, operation: string, description: string): JsonObject => ({
  name: `Microsoft.DataBoxEdge/dataBoxEdgeDevices/providers/Microsoft.Insights/${path}`,
  isDataAction: false,
  display: {
    provider: 'Microsoft.DataBoxEdge',
    resource: 'Data Box Edge device',
    operation,
    description,
  },
  origin: 'system',
});

export const metricOperations: readonly JsonObject[] = [
  {
    ...entry(
      'metricDefinitions/read',
      'Read Data Box Edge device metric definition',
      'Gets the available Data Box Edge device level metrics',
    ),
    properties: {
      serviceSpecification: { metricSpecifications: metricsOfDevices().map(specificationOf) },
    },
  },
  entry(
    'diagnosticSettings/write',
    'Write diagnostics setting',
    'Creates or updates the diagnostics setting for the resource',
  ),
  entry(
    'diagnosticSettings/read',
    'Read diagnostics setting',
    'Gets the diagnostic setting for the resource',
  ),
];
