/**
 * What Microsoft.Insights offers on a device, as the operations list shows it: the metrics and the diagnostic settings. The
 * list of metrics is the published one ([S] OperationsGet); nothing is measured.
 */
import type { JsonObject } from '#shared/json.ts';

interface Metric {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly unit: 'Bytes' | 'BytesPerSecond';
  readonly category: 'Transaction' | 'Capacity';
  /** What it is told apart by, and how that is called. */
  readonly dimension?: readonly [name: string, displayName: string];
}

const INTERFACE = ['InstanceName', 'Name'] as const;
const SHARE = ['Share', 'Share'] as const;

const METRICS: readonly Metric[] = [
  {
    name: 'NICReadThroughput',
    displayName: 'Read Throughput (Network)',
    description:
      'The read throughput of the network interface on the device in the reporting period for all volumes in the gateway.',
    unit: 'BytesPerSecond',
    category: 'Transaction',
    dimension: INTERFACE,
  },
  {
    name: 'NICWriteThroughput',
    displayName: 'Write Throughput (Network)',
    description:
      'The write throughput of the network interface on the device in the reporting period for all volumes in the gateway.',
    unit: 'BytesPerSecond',
    category: 'Transaction',
    dimension: INTERFACE,
  },
  {
    name: 'CloudReadThroughputPerShare',
    displayName: 'Cloud Download Throughput (Share)',
    description: 'The download throughput to Azure from a share during the reporting period.',
    unit: 'BytesPerSecond',
    category: 'Transaction',
    dimension: SHARE,
  },
  {
    name: 'CloudUploadThroughputPerShare',
    displayName: 'Cloud Upload Throughput (Share)',
    description: 'The upload throughput to Azure from a share during the reporting period.',
    unit: 'BytesPerSecond',
    category: 'Transaction',
    dimension: SHARE,
  },
  {
    name: 'BytesUploadedToCloudPerShare',
    displayName: 'Cloud Bytes Uploaded (Share)',
    description:
      'The total number of bytes that is uploaded to Azure from a share during the reporting period.',
    unit: 'Bytes',
    category: 'Transaction',
    dimension: SHARE,
  },
  {
    name: 'TotalCapacity',
    displayName: 'Total Capacity',
    description: 'Total Capacity',
    unit: 'Bytes',
    category: 'Capacity',
  },
  {
    name: 'AvailableCapacity',
    displayName: 'Available Capacity',
    description: 'The available capacity in bytes during the reporting period.',
    unit: 'Bytes',
    category: 'Capacity',
  },
  {
    name: 'CloudUploadThroughput',
    displayName: 'Cloud Upload Throughput',
    description: 'The cloud upload throughput during the reporting period.',
    unit: 'BytesPerSecond',
    category: 'Transaction',
  },
  {
    name: 'CloudReadThroughput',
    displayName: 'Cloud Read Throughput',
    description: 'The cloud download throughput during the reporting period.',
    unit: 'BytesPerSecond',
    category: 'Transaction',
  },
  {
    name: 'BytesUploadedToCloud',
    displayName: 'Cloud Bytes Uploaded (Device)',
    description:
      'The total number of bytes that is uploaded to Azure from a device during the reporting period.',
    unit: 'Bytes',
    category: 'Transaction',
  },
];

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
      serviceSpecification: { metricSpecifications: METRICS.map(specificationOf) },
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
