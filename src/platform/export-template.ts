/**
 * `POST {group}/exportTemplate` (`az group export`): a template of what is in a group that deploys it again. Names are parameters with
 * their values as defaults, secrets are parameters without: what is sealed does not come out.
 */
import { errors } from '#arm/errors.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import type { Answer } from '#arm/polling.ts';
import type { Provider } from '#arm/provider.ts';
import type { StoredType } from '#arm/resource-type.ts';
import { schemaOf } from '#arm/verbs/present.ts';
import { targetOf } from '#arm/verbs/target.ts';
import { normalised, requestSchema } from '#arm/version-schema.ts';
import { parentKeyOf, resourceGroupKey, resourceIdOf, rootKeyOf } from '#shared/arm-id.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { findResourceGroup } from '#store/resource-groups.ts';
import { listResources } from '#store/resource-lists.ts';
import { findResource, type ResourceRow } from '#store/resources.ts';

const SCHEMA = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#';
/** Members that a client may send and that belong to the resource as it is. */
const OWN_MEMBERS = ['id', 'name', 'type', 'etag'];

export function exportTemplateRoutes(provider: Provider): PlatformRoute[] {
  return [
    {
      method: 'POST',
      path: '/subscriptions/:subscriptionId/resourceGroups/:resourceGroupName/exportTemplate',
      summary: 'Shows a template that deploys what is in a resource group.',
      type: 'Microsoft.Resources/subscriptions/resourceGroups',
      permission: 'exportTemplate/action',
      carryOut: async (call) => await exportGroup(provider, call),
    },
  ];
}

async function exportGroup(provider: Provider, call: PlatformCall): Promise<Answer> {
  const { subscriptionId, parameters, body } = call;
  const name = parameters.resourceGroupName ?? '';
  const group = resourceGroupKey(subscriptionId, name);
  if ((await findResourceGroup(provider.database, group)) === undefined) {
    throw errors.resourceGroupNotFound(name);
  }
  const wanted = wantedIn(body);
  const parts: Parts = { parameters: {}, rows: await rowsOf(provider, group, wanted) };
  const resources: JsonObject[] = [];
  for (const row of parts.rows.values()) resources.push(await declarationOf(provider, row, parts));
  const template = {
    $schema: SCHEMA,
    contentVersion: '1.0.0.0',
    parameters: parts.parameters,
    variables: {},
    resources,
  };
  return { status: 200, body: { template } };
}

/** The ids that are asked for, in lower case; undefined: all (`*`, or nothing said). */
function wantedIn(body: Json | undefined): readonly string[] | undefined {
  const asked = isJsonObject(body) ? body.resources : undefined;
  if (asked === undefined || asked === null) return undefined;
  if (!Array.isArray(asked) || !asked.every((id) => typeof id === 'string')) {
    const message = "'resources' must be an array of resource ids, or of '*' for all.";
    throw errors.invalidContent([{ target: 'resources', message }]);
  }
  return asked.includes('*') ? undefined : asked.map((id) => id.toLowerCase());
}

interface Parts {
  readonly parameters: JsonObject;
  /** What is exported, by key. */
  readonly rows: ReadonlyMap<string, ResourceRow>;
}

/** What is in the group and was put there by a client, parents before their children. */
async function rowsOf(
  { database, registry }: Provider,
  resourceGroup: string,
  wanted: readonly string[] | undefined,
): Promise<ReadonlyMap<string, ResourceRow>> {
  const types = [...registry]
    .filter(([, { category, operations }]) => category === 'stored' && 'put' in operations)
    .map(([type]) => type);
  const rows: ResourceRow[] = [];
  for (const type of types.filter((one) => one.split('/').length === 2)) {
    rows.push(...(await listResources(database.reader, { type, resourceGroup })));
  }
  // It grows as children are found, whose own children are looked for in turn.
  for (const { key: parent, type: above } of rows) {
    for (const type of types) {
      if (type.slice(0, type.lastIndexOf('/')) !== above) continue;
      rows.push(...(await listResources(database.reader, { type, parent })));
    }
  }
  const isWanted = ({ key }: ResourceRow): boolean =>
    wanted?.some((id) => key === id || key.startsWith(`${id}/`)) ?? true;
  const chosen = rows
    .filter((row) => row.origin === undefined && isWanted(row))
    .sort((one, other) => one.key.split('/').length - other.key.split('/').length);
  return new Map(chosen.map((row) => [row.key, row]));
}

async function declarationOf(
  provider: Provider,
  row: ResourceRow,
  parts: Parts,
): Promise<JsonObject> {
  const type = provider.registry.get(row.type) as StoredType;
  const version = type.versions.versions[0] ?? '';
  const root = await findResource(provider.database, rootKeyOf(resourceIdOf(row.id)));
  const view = await type.view(targetOf(provider, row, root));
  const accepted = normalised(requestSchema(schemaOf(type, view), version), view) as JsonObject;
  const body = withSecrets(accepted, row.body, {
    parameter: (path) => secretParameter(parts, row, path),
  });
  const kept = Object.entries(body).filter(([name]) => !OWN_MEMBERS.includes(name));
  const dependsOn = dependenciesOf(row, body, parts);
  return {
    type: `${type.namespace}/${type.type}`,
    apiVersion: version,
    name: nameExpression(parts, row),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    ...Object.fromEntries(kept),
  };
}

/** `[parameters('dataBoxEdgeDevices_edge1_name')]`, and below it `[concat(parameters(…), '/anna')]`. */
function nameExpression({ parameters }: Parts, row: ResourceRow): string {
  const { types, names } = resourceIdOf(row.id);
  const [device = '', ...below] = names;
  const parameter = `${types[0] ?? ''}_${device.replaceAll(/\W/g, '_')}_name`;
  parameters[parameter] = { defaultValue: device, type: 'String' };
  const rest = below.map((name) => `/${name.replaceAll("'", "''")}`).join('');
  return rest === ''
    ? `[parameters('${parameter}')]`
    : `[concat(parameters('${parameter}'), '${rest}')]`;
}

/** The parent, and what the body names by its id, as far as it is exported too. */
function dependenciesOf(row: ResourceRow, body: JsonObject, { rows }: Parts): string[] {
  const named = new Set<string>();
  const parent = parentKeyOf(resourceIdOf(row.id));
  if (parent !== undefined) named.add(parent);
  const walk = (value: Json): void => {
    if (typeof value === 'string') named.add(value.toLowerCase());
    else if (Array.isArray(value)) value.forEach(walk);
    else if (isJsonObject(value)) Object.values(value).forEach((member) => walk(member ?? null));
  };
  walk(body);
  return [...named].flatMap((key) => rows.get(key)?.id ?? []);
}

/** A parameter without a value for a secret of a resource; gives the expression of it. */
function secretParameter({ parameters }: Parts, row: ResourceRow, path: string): string {
  const { names } = resourceIdOf(row.id);
  const name = [...names, ...path.split('.').slice(1)].join('_').replaceAll(/\W/g, '_');
  parameters[name] = { type: 'SecureString' };
  return `[parameters('${name}')]`;
}

/** `body` with what is sealed in `stored` put in as parameters, unencrypted: who deploys says the value. */
function withSecrets(
  body: JsonObject,
  stored: JsonObject,
  {
    parameter,
    path = '',
  }: { readonly parameter: (path: string) => string; readonly path?: string },
): JsonObject {
  const result: JsonObject = { ...body };
  for (const [name, member] of Object.entries(stored)) {
    if (!isJsonObject(member)) continue;
    const place = path === '' ? name : `${path}.${name}`;
    if (typeof member.sealed === 'string') {
      result[name] = { value: parameter(place), encryptionAlgorithm: 'None' };
      continue;
    }
    const inside = isJsonObject(body[name]) ? body[name] : {};
    const filled = withSecrets(inside, member, { parameter, path: place });
    if (Object.keys(filled).length > 0 && (name in body || hasSecret(member)))
      result[name] = filled;
  }
  return result;
}

const hasSecret = (stored: JsonObject): boolean =>
  Object.values(stored).some(
    (member) => isJsonObject(member) && (typeof member.sealed === 'string' || hasSecret(member)),
  );
