/** Reads the body of a diagnostic setting. All faults are thrown at once. Source: the contract of 2021-05-01-preview `[doc]`. */
import { errors } from '#arm/errors.ts';
import { parseResourceId } from '#shared/arm-id.ts';
import type { Fault } from '#shared/failure.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';

/** All metrics of a device: the one category that it has. */
export const CATEGORY = 'AllMetrics';

/** Destinations by the member that names them, with the type that they have; undefined: any [doc]. */
const SINKS: Readonly<Record<string, string | undefined>> = {
  storageAccountId: 'microsoft.storage/storageaccounts',
  eventHubAuthorizationRuleId: 'microsoft.eventhub/namespaces/authorizationrules',
  workspaceId: 'microsoft.operationalinsights/workspaces',
  marketplacePartnerId: undefined,
  serviceBusRuleId: undefined,
};
const MAX_NAME = 260;
const MAX_DAYS = 365;

/** The destinations that a setting names. */
export const sinksOf = (properties: JsonObject): readonly string[] =>
  Object.keys(SINKS).flatMap((member) => {
    const id = properties[member];
    return typeof id === 'string' ? [id] : [];
  });

/** What is kept and shown of the body of the setting with that name. */
export function readSetting(name: string, body: Json | undefined): JsonObject {
  const faults: Fault[] = [];
  const given =
    isJsonObject(body) && isJsonObject(body.properties) ? body.properties : ({} as JsonObject);
  if (name.length > MAX_NAME || /[<>*%&:\\?+/]/.test(name)) {
    const message = `A name has at most ${MAX_NAME} characters and none of < > * % & : \\ ? + /.`;
    faults.push({ target: 'name', message });
  }
  const sinks = Object.fromEntries(
    Object.entries(SINKS).map(([member, type]) => [
      member,
      sinkIn(given[member], { member, type }, faults),
    ]),
  );
  if (Object.keys(SINKS).every((member) => isAbsent(given[member]))) {
    faults.push({ target: 'properties', message: 'At least one data sink needs to be specified.' });
  }
  const metrics = entriesIn(given, 'metrics', faults).map((entry, index) =>
    metricIn(entry, `properties.metrics[${index}]`, faults),
  );
  for (const [index, log] of entriesIn(given, 'logs', faults).entries()) {
    const what = textOf(log.category) ?? textOf(log.categoryGroup) ?? '';
    const message = `Category '${what}' is not supported: the resource has no logs.`;
    faults.push({ target: `properties.logs[${index}].category`, message });
  }
  if (metrics.length === 0 && isEmpty(given.logs)) {
    const message = `A setting names a category: metrics of category '${CATEGORY}'.`;
    faults.push({ target: 'properties.metrics', message });
  }
  const kind = given.logAnalyticsDestinationType;
  if (!isAbsent(kind) && kind !== 'Dedicated' && kind !== 'AzureDiagnostics') {
    const message = 'The destination type must be Dedicated or AzureDiagnostics.';
    faults.push({ target: 'properties.logAnalyticsDestinationType', message });
  }
  if (faults.length > 0) throw errors.invalidContent(faults);
  return {
    ...sinks,
    eventHubName: textOf(given.eventHubName) ?? null,
    metrics,
    logs: [],
    logAnalyticsDestinationType: kind ?? null,
  };
}

const isAbsent = (value: Json | undefined): boolean => value === undefined || value === null;
const isEmpty = (value: Json | undefined): boolean => !Array.isArray(value) || value.length === 0;
const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

function sinkIn(
  value: Json | undefined,
  { member, type }: { readonly member: string; readonly type: string | undefined },
  faults: Fault[],
): string | null {
  if (isAbsent(value)) return null;
  const id = typeof value === 'string' ? parseResourceId(value) : undefined;
  const isOfType =
    id !== undefined &&
    (type === undefined || `${id.namespace}/${id.types.join('/')}`.toLowerCase() === type);
  if (!isOfType) {
    const what = type === undefined ? 'a resource' : `a resource of the type ${type}`;
    const message = `The value of '${member}' must be the id of ${what}.`;
    faults.push({ target: `properties.${member}`, message });
  }
  return id?.id ?? null;
}

function entriesIn(given: JsonObject, member: string, faults: Fault[]): readonly JsonObject[] {
  const value = given[member];
  if (isAbsent(value)) return [];
  if (Array.isArray(value) && value.every((entry) => isJsonObject(entry))) return value;
  faults.push({
    target: `properties.${member}`,
    message: `'${member}' must be a list of objects.`,
  });
  return [];
}

function metricIn(entry: JsonObject, at: string, faults: Fault[]): JsonObject {
  const { category, enabled, timeGrain } = entry;
  if (textOf(category)?.toLowerCase() !== CATEGORY.toLowerCase()) {
    const message = `Metric category '${textOf(category) ?? ''}' is not supported. The supported one is ${CATEGORY}.`;
    faults.push({ target: `${at}.category`, message });
  }
  if (typeof enabled !== 'boolean') {
    faults.push({ target: `${at}.enabled`, message: "'enabled' must be true or false." });
  }
  const policy = isJsonObject(entry.retentionPolicy) ? entry.retentionPolicy : {};
  const { days = 0 } = policy;
  if (typeof days !== 'number' || !Number.isInteger(days) || days < 0 || days > MAX_DAYS) {
    const message = `'days' must be a whole number from 0 to ${MAX_DAYS}.`;
    faults.push({ target: `${at}.retentionPolicy.days`, message });
  }
  return {
    timeGrain: textOf(timeGrain) ?? null,
    category: CATEGORY,
    enabled: enabled === true,
    retentionPolicy: { enabled: policy.enabled === true, days },
  };
}
