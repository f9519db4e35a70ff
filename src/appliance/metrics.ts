/**
 * The metrics of a machine: what Azure Monitor can read of it. The list is the published one ([S] OperationsGet; mon, appliance.md
 * §15); what they measure is computed in `monitor/`.
 */

export interface Metric {
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

export const METRICS: readonly Metric[] = [
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
