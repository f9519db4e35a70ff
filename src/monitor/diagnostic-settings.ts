/**
 * `Microsoft.Insights/diagnosticSettings` of a device, and the categories that a setting can name. They are kept and shown; nothing is
 * sent anywhere. A device has metrics and no resource logs: its published operations name none ([S] OperationsGet).
 * Sources: the contract of Microsoft.Insights 2021-05-01-preview, the article on diagnostic settings (five a resource, one destination of
 * each kind, none of them twice for one category) `[doc]`; texts are `[mem]` where they are not marked.
 */
import { errors } from '#arm/errors.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import type { Answer } from '#arm/polling.ts';
import type { JsonObject } from '#shared/json.ts';
import {
  type DiagnosticSettingRow,
  diagnosticSettingsOf,
  putDiagnosticSetting,
  removeDiagnosticSetting,
} from '#store/diagnostic-settings.ts';
import { writeConsistently } from '#store/read-set.ts';
import { deviceIn, DEVICE_PATH, type MonitorParts } from './parts.ts';
import { CATEGORY, readSetting, sinksOf } from './read-setting.ts';

const TYPE = 'Microsoft.Insights/diagnosticSettings';
const CATEGORIES = 'Microsoft.Insights/diagnosticSettingsCategories';
/** Of one resource [doc]. */
const MAX_SETTINGS = 5;

export const diagnosticSettingRoutes = (parts: MonitorParts): PlatformRoute[] => [
  ...settingRoutes(parts),
  ...categoryRoutes(parts),
];

function settingRoutes(parts: MonitorParts): PlatformRoute[] {
  const list = { type: TYPE, path: `${DEVICE_PATH}/providers/${TYPE}` } as const;
  const one = { type: TYPE, path: `${list.path}/:settingName` } as const;
  return [
    {
      ...list,
      method: 'GET',
      permission: 'read',
      summary: 'Lists the diagnostic settings of a device.',
      carryOut: async (call) => {
        const { rows } = await settingsIn(parts, call);
        return { status: 200, body: { value: rows.map(viewOf) } };
      },
    },
    {
      ...one,
      method: 'GET',
      permission: 'read',
      summary: 'Shows a diagnostic setting of a device.',
      carryOut: async (call) => {
        const { rows, key, name } = await settingsIn(parts, call);
        const found = rows.find((row) => row.key === key);
        if (found === undefined) throw settingNotFound(name);
        return { status: 200, body: viewOf(found) };
      },
    },
    {
      ...one,
      method: 'PUT',
      permission: 'write',
      summary: 'Creates or replaces a diagnostic setting of a device.',
      carryOut: async (call) => await put(parts, call),
    },
    {
      ...one,
      method: 'DELETE',
      permission: 'delete',
      summary: 'Deletes a diagnostic setting of a device.',
      carryOut: async (call) => {
        const { rows, key } = await settingsIn(parts, call);
        if (!rows.some((row) => row.key === key)) return { status: 204 };
        await writeConsistently(parts.database, async (writer) =>
          removeDiagnosticSetting(writer, key),
        );
        return { status: 200 };
      },
    },
  ];
}

function categoryRoutes(parts: MonitorParts): PlatformRoute[] {
  const categories = { type: CATEGORIES, path: `${DEVICE_PATH}/providers/${CATEGORIES}` } as const;
  return [
    {
      ...categories,
      method: 'GET',
      permission: 'read',
      summary: 'Lists what a diagnostic setting of a device can send.',
      carryOut: async (call) => {
        const { resourceId } = await deviceIn(parts, call);
        return { status: 200, body: { value: [categoryOf(resourceId)] } };
      },
    },
    {
      ...categories,
      path: `${categories.path}/:categoryName`,
      method: 'GET',
      permission: 'read',
      summary: 'Shows one thing that a diagnostic setting of a device can send.',
      carryOut: async (call) => {
        const { resourceId } = await deviceIn(parts, call);
        const { categoryName = '' } = call.parameters;
        if (categoryName.toLowerCase() !== CATEGORY.toLowerCase()) {
          throw notFound(`The diagnostic settings category '${categoryName}' doesn't exist.`);
        }
        return { status: 200, body: categoryOf(resourceId) };
      },
    },
  ];
}

/** The settings of the device of a call, and the key and id of the one that it names. */
async function settingsIn(
  parts: MonitorParts,
  call: PlatformCall,
): Promise<{
  readonly rows: readonly DiagnosticSettingRow[];
  readonly name: string;
  readonly id: string;
  readonly key: string;
}> {
  const { resourceId } = await deviceIn(parts, call);
  const { settingName: name = '' } = call.parameters;
  const id = `${resourceId}/providers/microsoft.insights/diagnosticSettings/${name}`;
  const rows = await diagnosticSettingsOf(parts.database, resourceId.toLowerCase());
  return { rows, name, id, key: id.toLowerCase() };
}

async function put(parts: MonitorParts, call: PlatformCall): Promise<Answer> {
  const { rows, name, id, key } = await settingsIn(parts, call);
  const properties = readSetting(name, call.body);
  const others = rows.filter((row) => row.key !== key);
  if (others.length >= MAX_SETTINGS) {
    throw conflict(`A resource has at most ${MAX_SETTINGS} diagnostic settings.`);
  }
  for (const other of others) checkSinks(properties, other);
  const old = rows.find((row) => row.key === key);
  const row = { key, id: old?.id ?? id, name: old?.name ?? name, properties };
  await writeConsistently(parts.database, async (writer) => putDiagnosticSetting(writer, row));
  return { status: 200, body: viewOf(row) };
}

/** Refuses a destination that another setting of the device sends the same category to. */
function checkSinks(properties: JsonObject, other: DiagnosticSettingRow): void {
  const taken = sinksOf(other.properties).map((sink) => sink.toLowerCase());
  const twice = sinksOf(properties).find((sink) => taken.includes(sink.toLowerCase()));
  if (twice === undefined) return;
  throw conflict(
    `Data sink '${twice}' is already used in diagnostic setting '${other.name}' for category '${CATEGORY}'. ` +
      "Data sinks can't be reused in different settings on the same category for the same resource.",
  );
}

const conflict = (message: string) => errors.refused({ code: 'Conflict', message }, 409);
const notFound = (message: string) => errors.refused({ code: 'ResourceNotFound', message }, 404);
const settingNotFound = (name: string) =>
  notFound(`The diagnostic setting '${name}' doesn't exist.`);

/** With the members that an extension resource of Insights has, empty ones too [doc]. */
const viewOf = ({ id, name, properties }: DiagnosticSettingRow): JsonObject => ({
  id,
  type: TYPE,
  name,
  location: null,
  kind: null,
  tags: null,
  properties,
  identity: null,
});

const categoryOf = (resourceId: string): JsonObject => ({
  id: `${resourceId}/providers/microsoft.insights/diagnosticSettingsCategories/${CATEGORY}`,
  type: CATEGORIES,
  name: CATEGORY,
  location: null,
  kind: null,
  tags: null,
  properties: { categoryType: 'Metrics' },
  identity: null,
});
