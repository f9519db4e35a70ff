/**
 * Requests made from the service's own documents: every operation of every api-version, with a body drawn from its
 * schema, in the world of `fuzz.test.ts`. They are as good as a schema can make them; `mutations.ts` breaks them.
 */
import type { Json, JsonObject } from '#shared/json.ts';
import { arcAddon, DEVICE, GROUP, KUBERNETES_ROLE, SUBSCRIPTION } from './arm-client.ts';
import * as bodies from './bodies.ts';
import type { Draws } from './draws.ts';

/** Every secret is made of it, so that a piece of one is found as well. */
export const SECRET_SIGN = 'Zq7Zq';
const SECRET = 'Zq7'.repeat(12);

interface Schema {
  readonly $ref?: string;
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly type?: string;
  readonly enum?: readonly Json[];
  readonly format?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly readOnly?: boolean;
}

interface DocumentedOperation {
  readonly operationId: string;
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
}

/** What is read of an OpenAPI document. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

/** One operation in one api-version. */
export interface KnownOperation {
  readonly version: string;
  readonly method: string;
  /** With its `{parameters}`. */
  readonly template: string;
  readonly body: Schema | undefined;
  readonly schemas: Readonly<Record<string, Schema>>;
}

export function operationsIn(document: ApiDocument, version: string): KnownOperation[] {
  return Object.entries(document.paths).flatMap(([template, item]) =>
    Object.entries(item).map(([method, { requestBody }]) => ({
      version,
      method: method.toUpperCase(),
      template,
      body: requestBody?.content['application/json']?.schema,
      schemas: document.components?.schemas ?? {},
    })),
  );
}

const GROUP_NAME = GROUP.split('/').at(-1)!;
/** What is named so often that the rest are exceptions. */
const mostly = (name: string): readonly string[] => Array.from({ length: 12 }, () => name);

/** What the names of a collection are drawn from: things of the world first, then some that are not there. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  resourcegroups: [...mostly(GROUP_NAME), `${GROUP_NAME}2`, 'another'],
  databoxedgedevices: [...mostly('edge1'), 'edge12', 'nobody'],
  shares: ['cloud1', 'local1', 'more1'],
  users: ['anna', 'bert'],
  roles: ['k8s', 'iot1', 'other'],
  addons: ['arc', 'iot', 'other'],
  bandwidthschedules: ['s1', 's2'],
  storageaccountcredentials: ['sac1', 'sac2'],
  storageaccounts: ['sta1', 'sta2'],
  containers: ['boxes1', 'boxes2'],
  triggers: ['t1', 't2'],
  connectedclusters: ['arc1', 'arc2'],
  deployments: ['d1', 'd2'],
  locks: ['lock1'],
  namespace: ['Microsoft.DataBoxEdge', 'Microsoft.Kubernetes', 'Microsoft.Nothing'],
};
const GUIDS = [
  '9980e02c-c2be-4d73-94e8-173b1dc7cf3c',
  'b24988ac-6180-42a0-ab88-20f7382dd24c',
  'acdd72a7-3385-48ef-bd42-f606fba81ae7',
];
/** A subscription whose state may change: the world is in another one. */
const OTHER_SUBSCRIPTION = '11111111-2222-4333-8444-555555555555';

/** Drawn when the thing itself is to be deleted, so that the world lasts a while. */
const EXPENDABLE: Readonly<Record<string, readonly string[]>> = {
  resourcegroups: [`${GROUP_NAME}2`, 'another'],
  databoxedgedevices: ['edge12', 'nobody'],
};

/** How the parameters of a path are drawn. */
export interface PathDraw {
  readonly method: string;
  /** Ids of operations that were begun. */
  readonly known: readonly string[];
  readonly draws: Draws;
}

/** The path of `template` with its parameters drawn. */
export function pathOf(template: string, how: PathDraw): string {
  const segments = template.split('/');
  return segments
    .map((segment, index) => {
      const [, parameter] = /^\{(.+)\}$/.exec(segment) ?? [];
      if (parameter === undefined) return segment;
      const collection = (segments[index - 1] ?? '').toLowerCase();
      const isDeleted = how.method === 'DELETE' && index === segments.length - 1;
      const expendable = isDeleted ? EXPENDABLE[collection] : undefined;
      if (expendable !== undefined && !how.draws.oneIn(20)) return how.draws.of(expendable);
      return valueOfParameter(parameter, collection, how);
    })
    .join('/');
}

function valueOfParameter(
  parameter: string,
  collection: string,
  { known, draws }: PathDraw,
): string {
  if (collection === 'subscriptions') {
    return parameter === 'id' || draws.oneIn(30) ? OTHER_SUBSCRIPTION : SUBSCRIPTION;
  }
  if (/^type\d$/.test(parameter)) {
    return parameter === 'type1' ? 'dataBoxEdgeDevices' : draws.of(['shares', 'roles', 'users']);
  }
  if (parameter === 'name1') return draws.of(NAMES.databoxedgedevices!);
  if (/^name\d$/.test(parameter)) return draws.of(['cloud1', 'k8s', 'anna']);
  const names = NAMES[collection] ?? NAMES[parameter];
  if (names !== undefined) return draws.of(names);
  if (/^(operation|job)|^jobs$|status/i.test(`${parameter}${collection}`) && known.length > 0) {
    return draws.of(known);
  }
  if (/^role(Definition|Assignment)/.test(parameter)) return draws.of(GUIDS);
  return draws.oneIn(2) ? 'default' : draws.of(GUIDS);
}

/** Bodies that the world accepts, by the last literal of the path: what only a schema says, a machine mostly refuses. */
const GOOD: Readonly<Record<string, readonly Json[]>> = {
  resourcegroups: [{ location: 'eastus', tags: { a: '1' } }],
  databoxedgedevices: [
    { location: 'eastus', sku: { name: 'EdgeP_Base' }, tags: { a: '1' } },
    { location: 'eastus', sku: { name: 'EdgeP_High' }, identity: { type: 'SystemAssigned' } },
  ],
  bandwidthschedules: [bodies.SCHEDULE],
  shares: [bodies.LOCAL_SHARE, bodies.CLOUD_SHARE],
  users: [bodies.USER],
  storageaccountcredentials: [bodies.CREDENTIAL],
  storageaccounts: [bodies.STORAGE_ACCOUNT],
  containers: [bodies.CONTAINER],
  triggers: [bodies.FILE_TRIGGER, bodies.TIMER_TRIGGER],
  orders: [bodies.ORDER],
  roles: [KUBERNETES_ROLE, bodies.IOT_ROLE],
  addons: [arcAddon('arc1'), arcAddon('arc2'), bodies.IOT_ADDON],
  uploadcertificate: [{ properties: { certificate: 'AAAA' } }],
  supportrequests: [bodies.OFFER_REQUEST],
  return: [{ resource: DEVICE }],
  activate: [{ activationKey: `${SECRET}#0123456789abcdef` }],
  clock: [{ rate: 60 }, { frozen: true }],
  advance: [{ duration: 'PT1M' }],
  locks: [{ properties: { level: 'CanNotDelete', notes: 'kept' } }],
  roleassignments: [
    {
      properties: {
        roleDefinitionId: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`,
        principalId: '33333333-2222-4333-8444-555555555555',
      },
    },
  ],
  roledefinitions: [
    {
      properties: {
        roleName: 'Looker',
        permissions: [{ actions: ['*/read'], notActions: [] }],
        assignableScopes: [`/subscriptions/${SUBSCRIPTION}`],
      },
    },
  ],
  tags: [{ properties: { tags: { a: '1' } } }, { operation: 'Merge', properties: { tags: {} } }],
  moveresources: [{ resources: [DEVICE], targetResourceGroup: `${GROUP}2` }],
  deployments: [
    {
      properties: {
        mode: 'Incremental',
        template: {
          $schema:
            'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
          contentVersion: '1.0.0.0',
          parameters: { key: { type: 'securestring' } },
          resources: [
            {
              type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/bandwidthSchedules',
              apiVersion: '2023-12-01',
              name: "[concat('edge1', '/', 's2')]",
              properties: bodies.SCHEDULE.properties,
            },
          ],
        },
        parameters: { key: { value: SECRET } },
      },
    },
  ],
};
const LIKE: Readonly<Record<string, string>> = {
  validatemoveresources: 'moveresources',
  validate: 'deployments',
  whatif: 'deployments',
  exporttemplate: 'deployments',
};

/** A body of the operation: a good one of the world, or one that its schema allows; undefined where it takes none. */
export function bodyOf(operation: KnownOperation, draws: Draws): Json | undefined {
  const literals = operation.template
    .split('/')
    .filter((segment) => !/^\{|^default$/.test(segment));
  const last = (literals.at(-1) ?? '').toLowerCase();
  const good = GOOD[LIKE[last] ?? last] ?? [];
  const { body } = operation;
  const isWrite = operation.method !== 'GET' && operation.method !== 'DELETE';
  if (body === undefined) return isWrite && good.length > 0 ? draws.of(good) : undefined;
  return good.length > 0 && draws.oneIn(3)
    ? draws.of(good)
    : valueOf(body, { name: '', operation, draws });
}

interface Place {
  /** Of the member that the value is for. */
  readonly name: string;
  readonly operation: KnownOperation;
  readonly draws: Draws;
}

function valueOf(schema: Schema, place: Place): Json {
  const { draws, operation } = place;
  if (schema.$ref !== undefined) {
    const named = operation.schemas[schema.$ref.split('/').at(-1) ?? ''];
    return named === undefined ? {} : valueOf(named, place);
  }
  if (schema.oneOf !== undefined) return valueOf(draws.of(schema.oneOf), place);
  if (schema.allOf !== undefined) {
    return Object.assign({}, ...schema.allOf.map((part) => valueOf(part, place))) as JsonObject;
  }
  if (schema.enum !== undefined) return draws.of(schema.enum);
  switch (schema.type) {
    case 'object':
      return objectOf(schema, place);
    case 'array': {
      const { items = {} } = schema;
      return Array.from({ length: draws.upTo(3) }, () => valueOf(items, place));
    }
    case 'integer':
      return draws.of([0, 1, 7, 100, 2048]);
    case 'number':
      return draws.of([0, 1, 0.5, 98.6]);
    case 'boolean':
      return draws.oneIn(2);
    default:
      return textOf(schema, place);
  }
}

function objectOf({ properties, required = [], additionalProperties }: Schema, place: Place): Json {
  const { draws } = place;
  if (properties === undefined) {
    if (typeof additionalProperties !== 'object') return {};
    return draws.oneIn(2) ? {} : { a: valueOf(additionalProperties, { ...place, name: 'a' }) };
  }
  const isSecret = 'encryptionAlgorithm' in properties;
  const made: JsonObject = {};
  for (const [name, member] of Object.entries(properties)) {
    // Clients put what they got, so read-only members come too, now and then.
    const isThere = member.readOnly === true ? draws.oneIn(8) : !draws.oneIn(3);
    if (!isThere && !required.includes(name)) continue;
    made[name] = isSecret && name === 'value' ? SECRET : valueOf(member, { ...place, name });
  }
  return made;
}

const TEXTS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^location$|Location$/, ['eastus', 'East US', 'nowhere']],
  [/userId$/i, [`${DEVICE}/users/anna`, `${DEVICE}/users/nobody`]],
  [/shareId$/i, [`${DEVICE}/shares/cloud1`, `${DEVICE}/shares/local1`]],
  [/roleId$/i, [`${DEVICE}/roles/k8s`, `${DEVICE}/roles/nobody`]],
  [/credentialId$/i, [`${DEVICE}/storageAccountCredentials/sac1`]],
  [/^(subscription|tenant|principal)Id$/i, [SUBSCRIPTION, 'no-guid']],
  [/Id$/i, [`${DEVICE}/x/y`, GUIDS[0]!, '']],
  [/^(start|stop)$/, ['0:0:0', '12:30:0', '23:59:59', '25:0:0']],
  [/schedule$/, ['0.1:0:0', '1:0:0']],
  [/^client$|ip/i, ['10.0.0.1', '10.0.0.300']],
  [/version/i, ['v1.25.5', '1.2']],
  [/email|contact/i, ['anna@example.com', 'Anna']],
  // Marked secret by the contract; it tells which key was used, and nothing of it.
  [/thumbprint$/i, ['0A1B2C', '']],
  [/connectionString$|(password|key)$/i, [SECRET]],
  [/^resourceGroup/i, [GROUP_NAME, 'another']],
];

function textOf({ format }: Schema, { name, draws }: Place): string {
  if (format === 'date-time') return draws.of(['2026-03-02T09:00:00Z', '2026-02-30T09:00:00Z']);
  const [, texts] = TEXTS.find(([pattern]) => pattern.test(name)) ?? [];
  return draws.of(texts ?? ['word', 'cameras', 'two words', 'Ünïcödé', '']);
}
