/** Functions that depend on the deployment: parameters, scopes, ids, the time, and resources. */
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import { utcNow } from './dates.ts';
import { extensionId, groupId, resourceIdOf, subscriptionId as subscriptionPath } from './ids.ts';
import type { Scope, World } from './scope.ts';
import { TemplateError } from './template-error.ts';
import type { Args } from './values.ts';

type ContextFunction = (args: Args, scope: Scope) => Json;

/** The value of `environment()`, as documented for Azure [doc]. */
const ENVIRONMENT: JsonObject = {
  name: 'AzureCloud',
  gallery: 'https://gallery.azure.com/',
  graph: 'https://graph.windows.net/',
  portal: 'https://portal.azure.com',
  graphAudience: 'https://graph.windows.net/',
  activeDirectoryDataLake: 'https://datalake.azure.net/',
  batch: 'https://batch.core.windows.net/',
  media: 'https://rest.media.azure.net',
  sqlManagement: 'https://management.core.windows.net:8443/',
  vmImageAliasDoc:
    'https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json',
  resourceManager: 'https://management.azure.com/',
  authentication: {
    loginEndpoint: 'https://login.microsoftonline.com/',
    audiences: ['https://management.core.windows.net/', 'https://management.azure.com/'],
    tenant: 'common',
    identityProvider: 'AAD',
  },
  suffixes: {
    acrLoginServer: '.azurecr.io',
    keyvaultDns: '.vault.azure.net',
    sqlServerHostname: '.database.windows.net',
    storage: 'core.windows.net',
  },
};

function parameters(args: Args, scope: Scope): Json {
  const value = scope.parameter(args.text(0));
  if (value !== undefined) return value;
  throw new TemplateError(
    `Unable to process template language expressions: the template parameter '${args.text(0)}' is not found. ` +
      'Please see https://aka.ms/arm-syntax-parameters for usage details.',
  );
}

function variables(args: Args, scope: Scope): Json {
  const value = scope.variable(args.text(0));
  if (value !== undefined) return value;
  throw new TemplateError(
    `Unable to process template language expressions: the template variable '${args.text(0)}' is not found. ` +
      'Please see https://aka.ms/arm-syntax-variables for usage details.',
  );
}

/** `copyIndex()`, `copyIndex(1)`, `copyIndex('name')`, `copyIndex('name', 1)`. */
function copyIndex(args: Args, { loops }: Scope): Json {
  const isNamed = args.count > 0 && typeof args.at(0) === 'string';
  const name = isNamed ? args.text(0).toLowerCase() : '';
  const offsetAt = isNamed ? 1 : 0;
  const offset = args.count > offsetAt ? args.number(offsetAt) : 0;
  const index = Object.hasOwn(loops, name) ? loops[name] : undefined;
  if (index === undefined) throw args.fault('it is used outside of its copy loop');
  return index + offset;
}

function group(_args: Args, { world: { place } }: Scope): Json {
  if (place.group === undefined) {
    throw new TemplateError(
      "The template function 'resourceGroup' is not valid here: this is a deployment at subscription scope.",
    );
  }
  const { name, location, tags } = place.group;
  return {
    id: groupId(place.subscriptionId, name),
    name,
    type: 'Microsoft.Resources/resourceGroups',
    location,
    tags,
    properties: { provisioningState: 'Succeeded' },
  };
}

function subscription(_args: Args, { world: { place } }: Scope): Json {
  const { subscriptionId, tenantId } = place;
  const id = subscriptionPath(subscriptionId);
  return {
    id,
    subscriptionId,
    tenantId,
    displayName: `Subscription ${subscriptionId.slice(0, 8)}`,
  };
}

/** `reference(what, apiVersion?, 'Full'?)`. */
function reference(args: Args, { world }: Scope): Json {
  return world.answer({
    kind: 'reference',
    resource: args.text(0),
    apiVersion: args.optionalText(1),
    isFull: args.optionalText(2)?.toLowerCase() === 'full',
    action: '',
    body: undefined,
  });
}

/** `references('loop', 'Full'?)`: all instances of a symbolic copy loop. */
function references(args: Args, { world }: Scope): Json {
  const instances = world.instancesOf(args.text(0));
  if (instances === undefined)
    throw args.fault(`'${args.text(0)}' is not a copy loop of the template`);
  const isFull = args.optionalText(1)?.toLowerCase() === 'full';
  return instances.map((resource) =>
    world.answer({
      kind: 'reference',
      resource,
      apiVersion: undefined,
      isFull,
      action: '',
      body: undefined,
    }),
  );
}

function providers(args: Args, { world }: Scope): Json {
  const found = world.providers(args.text(0), args.optionalText(1));
  if (found === undefined) throw args.fault('the resource provider or type is unknown');
  return found;
}

function resourceInfo(args: Args, { world }: Scope): Json {
  const found = world.resourceInfo(args.text(0));
  if (found === undefined) throw args.fault(`the template has no resource '${args.text(0)}'`);
  return found;
}

function lambdaVariables(args: Args, { lambdas }: Scope): Json {
  const name = args.text(0).toLowerCase();
  const value = Object.hasOwn(lambdas, name) ? lambdas[name] : undefined;
  if (value === undefined) throw args.fault(`the lambda variable '${name}' is unknown here`);
  return value;
}

/** `utcNow()` and `newGuid()` may be used in default values of parameters only [doc]. */
function freshIn(args: Args, { world }: Scope): NonNullable<World['fresh']> {
  if (world.fresh === undefined) {
    throw args.fault('it may be used in the default value of a parameter only');
  }
  return world.fresh;
}

export const CONTEXT_FUNCTIONS: Readonly<Record<string, ContextFunction>> = {
  parameters,
  variables,
  copyindex: copyIndex,
  deployment: (_args, { world }) => world.deployment,
  environment: () => ENVIRONMENT,
  extensionresourceid: (args) => extensionId(args),
  lambdavariables: lambdaVariables,
  newguid: (args, scope) => freshIn(args, scope).newGuid(),
  providers,
  reference,
  references,
  resourcegroup: group,
  resourceid: (args, { world }) => resourceIdOf(args, world.place),
  resourceinfo: resourceInfo,
  subscription,
  subscriptionresourceid: (args, { world }) =>
    resourceIdOf(args, { ...world.place, group: undefined }),
  tenant: (_args, { world: { place } }) => ({
    tenantId: place.tenantId,
    countryCode: 'US',
    displayName: 'Edgetwin',
  }),
  tenantresourceid: (args) => extensionId(args, ''),
  utcnow: (args, scope) => utcNow(freshIn(args, scope).now, args.optionalText(0)),
};

/** The function for `listKeys(id, apiVersion, body?)` and other `list…` actions; undefined for other names. */
export function listAction(name: string): ContextFunction | undefined {
  if (!/^list[A-Z]/.test(name)) return undefined;
  return (args, { world }) => {
    const body = args.count > 2 ? args.at(2) : undefined;
    return world.answer({
      kind: 'list',
      resource: args.text(0),
      apiVersion: args.optionalText(1),
      isFull: false,
      action: name,
      body: isJsonObject(body) ? body : undefined,
    });
  };
}
