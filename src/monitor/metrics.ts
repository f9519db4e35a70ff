/**
 * `Microsoft.Insights/metricDefinitions` and `metrics` of a device: what can be measured, and the series of it.
 * Source: the contract of Microsoft.Insights 2018-01-01 `[doc]`; names and units are published ([S] OperationsGet).
 */
import { errors } from '#arm/errors.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import { type Metric, metricsOfDevices } from '#fleet/fleet.ts';
import {
  formatInstant,
  hours,
  type Instant,
  instant,
  minutes,
  parseDuration,
  parseInstant,
} from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { measuringOf } from './measuring.ts';
import { DEVICE_PATH, deviceIn, type MonitoredDevice, type MonitorParts } from './parts.ts';
import { type Measured, seriesOf } from './series.ts';

const NAMESPACE = 'Microsoft.DataBoxEdge/dataBoxEdgeDevices';
/** Points of a series at most `[ours]`. */
const MAX_POINTS = 11_000;
const AGGREGATIONS = ['average', 'minimum', 'maximum'] as const;

export function metricRoutes(parts: MonitorParts): PlatformRoute[] {
  const base = `${DEVICE_PATH}/providers/Microsoft.Insights`;
  return [
    {
      method: 'GET',
      path: `${base}/metricDefinitions`,
      summary: 'Lists what can be measured of a device.',
      type: 'Microsoft.Insights/metricDefinitions',
      permission: 'read',
      carryOut: async (call) => {
        const { resourceId } = await deviceIn(parts, call);
        return {
          status: 200,
          body: { value: metricsOfDevices().map((metric) => definitionOf(resourceId, metric)) },
        };
      },
    },
    {
      method: 'GET',
      path: `${base}/metrics`,
      summary: 'Shows metrics of a device as time series.',
      type: 'Microsoft.Insights/metrics',
      permission: 'read',
      carryOut: async (call) => ({
        status: 200,
        body: await metricsOf(parts, await deviceIn(parts, call), call),
      }),
    },
  ];
}

const grainsOf = ({ dimension }: Metric): readonly string[] =>
  dimension === undefined ? ['PT5M', 'PT15M', 'PT1H'] : ['PT1M', 'PT15M', 'PT1H'];

const definitionOf = (resourceId: string, metric: Metric): JsonObject => ({
  id: `${resourceId}/providers/microsoft.insights/metricdefinitions/${metric.name}`,
  resourceId,
  namespace: NAMESPACE,
  category: metric.category,
  name: { value: metric.name, localizedValue: metric.displayName },
  displayDescription: metric.description,
  isDimensionRequired: false,
  unit: metric.unit,
  primaryAggregationType: 'Average',
  supportedAggregationTypes: ['Average', 'Minimum', 'Maximum'],
  metricAvailabilities: grainsOf(metric).map((timeGrain) => ({ timeGrain, retention: 'P93D' })),
  dimensions:
    metric.dimension === undefined
      ? []
      : [{ value: metric.dimension[0], localizedValue: metric.dimension[1] }],
});

/** What a call asks for. */
interface Asked {
  readonly metrics: readonly Metric[];
  readonly from: Instant;
  readonly to: Instant;
  readonly interval: string;
  readonly stepMs: number;
  readonly aggregations: readonly (typeof AGGREGATIONS)[number][];
}

async function metricsOf(
  parts: MonitorParts,
  device: MonitoredDevice,
  call: PlatformCall,
): Promise<JsonObject> {
  const now = parts.clock.now();
  const asked = askedIn(call.query, now);
  const measuring = await measuringOf(parts, device.machine, asked);
  const { from, to, interval } = asked;
  return {
    cost: 0,
    timespan: `${formatInstant(from)}/${formatInstant(to)}`,
    interval,
    namespace: NAMESPACE,
    value: asked.metrics.map((metric) => ({
      id: `${device.resourceId}/providers/Microsoft.Insights/metrics/${metric.name}`,
      type: 'Microsoft.Insights/metrics',
      name: { value: metric.name, localizedValue: metric.displayName },
      displayDescription: metric.description,
      unit: metric.unit,
      timeseries: [
        {
          metadatavalues: [],
          data: seriesOf(metric.name, measuring, asked).map((one) => pointOf(one, asked)),
        },
      ],
      errorCode: 'Success',
    })),
  };
}

function pointOf(measured: Measured, { aggregations }: Asked): JsonObject {
  const point: JsonObject = { timeStamp: formatInstant(measured.at) };
  for (const aggregation of aggregations) {
    const value = measured[aggregation];
    if (value !== undefined) point[aggregation] = value;
  }
  return point;
}

/** Reads the query; throws a 400 for what cannot be read. */
function askedIn(query: PlatformCall['query'], now: Instant): Asked {
  const refuse = (target: string, message: string) => errors.invalidQuery(target, message);
  checkScopeOf(query, refuse);
  const all = metricsOfDevices();
  const names = wordsIn(query.metricnames ?? query.metricNames);
  const metrics = names.map((name) => all.find((one) => one.name.toLowerCase() === name));
  const unknown = names.find((_name, index) => metrics[index] === undefined);
  if (unknown !== undefined) {
    throw refuse(
      'metricnames',
      `The metric '${unknown}' is not one of ${all.map(({ name }) => name).join(', ')}.`,
    );
  }
  const [start, end] = timespanIn(query.timespan, now) ?? [];
  if (start === undefined || end === undefined || start >= end) {
    throw refuse(
      'timespan',
      "The value of 'timespan' must be two date-times with a slash between them.",
    );
  }
  const interval =
    typeof query.interval === 'string' && query.interval !== '' ? query.interval : 'PT5M';
  const step = parseDuration(interval);
  const isGood = step !== undefined && step >= minutes(1) && (end - start) / step <= MAX_POINTS;
  if (!isGood)
    throw refuse(
      'interval',
      `The value of 'interval' must be a duration from PT1M on, for ${MAX_POINTS} points at most.`,
    );
  const aggregations = wordsIn(query.aggregation);
  const strange = aggregations.find((word) => !AGGREGATIONS.some((one) => one === word));
  if (strange !== undefined) {
    throw refuse(
      'aggregation',
      `The aggregation '${strange}' is not one of ${AGGREGATIONS.join(', ')}.`,
    );
  }
  return {
    metrics: names.length === 0 ? all.slice(0, 1) : metrics.filter((one) => one !== undefined),
    from: instant(Math.floor(start / step) * step),
    to: end,
    interval,
    stepMs: step,
    aggregations:
      aggregations.length === 0
        ? ['average']
        : AGGREGATIONS.filter((one) => aggregations.includes(one)),
  };
}

/** Refuses another namespace than that of devices, and a filter. */
function checkScopeOf(
  query: PlatformCall['query'],
  refuse: (target: string, message: string) => Error,
): void {
  const [namespace = NAMESPACE.toLowerCase()] = wordsIn(
    query.metricnamespace ?? query.metricNamespace,
  );
  if (namespace !== NAMESPACE.toLowerCase()) {
    throw refuse('metricnamespace', `The metric namespace '${namespace}' is not ${NAMESPACE}.`);
  }
  if (wordsIn(query.$filter).length > 0) {
    const message = 'Series are not split by dimensions here: a filter on them is not supported.';
    throw refuse('$filter', message);
  }
}

const wordsIn = (value: unknown): readonly string[] =>
  typeof value === 'string' && value !== ''
    ? value.split(',').map((word) => word.trim().toLowerCase())
    : [];

/** The last hour where none is named. az encodes the text twice, and names no zone: it means UTC [azure-cli 2.45, `monitor metrics list`]. */
function timespanIn(value: unknown, now: Instant): readonly (Instant | undefined)[] | undefined {
  if (value === undefined || value === '') return [instant(now - hours(1)), now];
  if (typeof value !== 'string') return undefined;
  return onceDecoded(value)
    .split('/')
    .map((text) => parseInstant(text) ?? parseInstant(`${text}Z`));
}

/** `text` without what is left of percent-encoding; as it is where that is none. */
function onceDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
