/**
 * The official examples as requests that can be sent: each with the api-version of its folder (the field inside is stale
 * in some), in an order in which a device is made, filled, looked at and emptied again.
 */
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { examplesFor, type OfficialContract } from './official.ts';
import type { Operation } from './operations.ts';

export type Parameters = Readonly<Record<string, Json>>;

export interface Example {
  readonly version: string;
  readonly operation: Operation;
  /** Such as `SharePut`. */
  readonly name: string;
  /** In its path and query. */
  readonly parameters: Parameters;
  readonly body: JsonObject | undefined;
  /** The statuses that it shows. */
  readonly statuses: readonly number[];
  /** The `type` of the resource that it shows, or of the first in the list. */
  readonly shownType: string | undefined;
}

/** What must have happened before: made first, shown after, deleted last. Everything else comes between. */
const FIRST = [
  'Operations_List',
  'AvailableSkus_List',
  'Skus_List',
  'Devices_CreateOrUpdate',
  'Devices_GenerateCertificate',
  'Devices_UploadCertificate',
  'Devices_Update',
  'Devices_GetExtendedInformation',
  'Devices_UpdateExtendedInformation',
  'Devices_CreateOrUpdateSecuritySettings',
  'StorageAccountCredentials_CreateOrUpdate',
  'Users_CreateOrUpdate',
  'BandwidthSchedules_CreateOrUpdate',
  'StorageAccounts_CreateOrUpdate',
  'Containers_CreateOrUpdate',
  'Shares_CreateOrUpdate',
  'Roles_CreateOrUpdate',
  'Addons_CreateOrUpdate',
  'MonitoringConfig_CreateOrUpdate',
  'Triggers_CreateOrUpdate',
  'Devices_ScanForUpdates',
  'Devices_DownloadUpdates',
];
const LAST = [
  'Devices_InstallUpdates',
  'Triggers_Delete',
  'BandwidthSchedules_Delete',
  'MonitoringConfig_Delete',
  'Addons_Delete',
  'Roles_Delete',
  'Shares_Delete',
  'Containers_Delete',
  'StorageAccounts_Delete',
  'StorageAccountCredentials_Delete',
  'Users_Delete',
  'Orders_CreateOrUpdate',
  'Orders_Get',
  'Orders_ListByDataBoxEdgeDevice',
  'Orders_ListDCAccessCode',
  'Orders_Delete',
  'Devices_Delete',
];

function turnOf({ operation }: Example): number {
  const first = FIRST.indexOf(operation.id);
  if (first >= 0) return first - FIRST.length;
  return LAST.indexOf(operation.id) + 1;
}

/** Every example of a version, in the order in which they can be replayed. */
export function replayable(contract: OfficialContract): readonly Example[] {
  const examples = [...contract.operations.values()].flatMap((operation) =>
    examplesFor(contract, operation).map(({ name, parameters, responses }) => ({
      version: contract.version,
      operation,
      name,
      parameters: { ...parameters, 'api-version': contract.version },
      body: bodyOf(operation, parameters),
      statuses: Object.keys(responses).map(Number),
      shownType: shownTypeIn(bodyIn(responses)),
    })),
  );
  return examples.toSorted((one, other) => turnOf(one) - turnOf(other));
}

/** The body of the 200 of an example. */
const bodyIn = (responses: Readonly<Record<string, object>>): Json | undefined =>
  (responses['200'] as { readonly body?: Json } | undefined)?.body;

/** The `type` in an answer: of the resource, or of the first in the list. */
export function shownTypeIn(body: Json | undefined): string | undefined {
  if (!isJsonObject(body)) return undefined;
  const [one = body] = Array.isArray(body.value) ? body.value : [];
  return isJsonObject(one) && typeof one.type === 'string' ? one.type : undefined;
}

/** Where an example is sent to. */
export function urlOf({ operation, parameters }: Example): string {
  const { path, query } = operation;
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(textOf(parameters[name])),
  );
  const asked = [...query.keys(), 'api-version']
    .filter((name) => parameters[name] !== undefined)
    .map((name) => `${name}=${encodeURIComponent(textOf(parameters[name]))}`);
  return `${filled}?${asked.join('&')}`;
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** The one parameter that is an object; examples of operations without a body carry one too, now and then. */
function bodyOf({ body }: Operation, parameters: Parameters): JsonObject | undefined {
  if (body === undefined) return undefined;
  return Object.values(parameters).find(
    (value): value is JsonObject =>
      typeof value === 'object' && value !== null && !Array.isArray(value),
  );
}
