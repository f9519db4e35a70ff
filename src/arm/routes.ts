/**
 * The routes of the provider: made from the resource types, one an operation. Which verb carries each out is said here
 * and nowhere else. No HTTP types: `http.ts` mounts them.
 */
import { enclosingOf, lastSegmentOf } from '#shared/arm-id.ts';
import { present } from '#shared/assert.ts';
import type { Route } from './admission.ts';
import { answersOf, type Model, modelOf, type OperationContract } from './operation-contract.ts';
import type { Answer } from './polling.ts';
import type { ArmRequest, Provider } from './provider.ts';
import type { ActionOperation, Published, ResourceType } from './resource-type.ts';
import { nodeOf } from './schema.ts';
import { actOn } from './verbs/action.ts';
import { deleteResource } from './verbs/delete.ts';
import { getResource } from './verbs/get.ts';
import { listInSubscription, listOf } from './verbs/list.ts';
import { patchResource } from './verbs/patch.ts';
import { pollResult } from './verbs/poll.ts';
import { putResource } from './verbs/put.ts';

export interface ArmRoute<Ports> extends Route<Ports> {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'DELETE' | 'POST';
  /** With `:parameters`. */
  readonly path: string;
  /** How many segments of the path, the empty first one included, are the resource's id; undefined: none. */
  readonly idSegments?: number;
  readonly contract: OperationContract;
  /** `read`, `write`, `delete`, `refresh/action`: what access a caller needs for it. */
  readonly permission: string;
  /** `rest`: what the path has after the id, without a leading slash; the whole path where there is no id. */
  carryOut(provider: Provider<Ports>, request: ArmRequest<Ports>, rest: string): Promise<Answer>;
}

/** What each verb asks for. */
const PERMISSIONS = {
  GET: 'read',
  PUT: 'write',
  PATCH: 'write',
  DELETE: 'delete',
  POST: 'action',
} as const;

const GROUP = '/subscriptions/:subscriptionId/resourceGroups/:resourceGroupName';

/** Every route of every type, in the order of the list. */
export function routesOf<Ports>(types: readonly ResourceType<Ports>[]): ArmRoute<Ports>[] {
  const byType = new Map(types.map((type) => [`${type.namespace}/${type.type}`, type]));
  return types.flatMap((type) => typeRoutes(type, placeOf(type, byType)));
}

interface Place {
  /** Path of the collection and of one resource. */
  readonly collection: string;
  readonly one: string;
  /** How many segments `one` has, the empty first one included. */
  readonly idSegments: number;
  readonly parameters: readonly string[];
  readonly collectionParameters: readonly string[];
}

function placeOf<Ports>(
  type: ResourceType<Ports>,
  byType: ReadonlyMap<string, ResourceType<Ports>>,
): Place {
  const segments = type.type.split('/');
  let collection = `${GROUP}/providers/${type.namespace}`;
  const parameters = ['subscriptionId', 'resourceGroupName'];
  for (const [index, segment] of segments.slice(0, -1).entries()) {
    const above = byType.get(`${type.namespace}/${segments.slice(0, index + 1).join('/')}`);
    const parameter = above?.parentParameter ?? above?.nameParameter ?? 'name';
    collection += `/${segment}/:${parameter}`;
    parameters.push(parameter);
  }
  collection += `/${segments.at(-1) ?? ''}`;
  const last = type.singleton ?? `:${type.nameParameter}`;
  return {
    collection,
    one: `${collection}/${last}`,
    idSegments: collection.split('/').length + 1,
    collectionParameters: parameters,
    parameters: type.singleton === undefined ? [...parameters, type.nameParameter] : parameters,
  };
}

function typeRoutes<Ports>(type: ResourceType<Ports>, place: Place): ArmRoute<Ports>[] {
  const resource = modelOf(type);
  if (type.isSubscriptionWide === true) return subscriptionRoutes(type, resource);
  return [
    ...listRoutes(type, place, resource),
    ...oneRoutes(type, place, resource),
    ...actionRoutes(type, place),
    ...pollRoutes(type, place),
  ];
}

/** GET, PUT, PATCH and DELETE of one resource. */
function oneRoutes<Ports>(
  type: ResourceType<Ports>,
  place: Place,
  resource: Model,
): ArmRoute<Ports>[] {
  const { get, put, patch, delete: remove } = type.operations;
  const route = (
    operation: DeclaredOperation,
    does: Pick<ArmRoute<Ports>, 'method' | 'carryOut'> &
      Pick<OperationContract, 'answers' | 'isLongRunning'> & { summary: string; body?: Model },
  ): ArmRoute<Ports> => ({
    type,
    ...span(operation),
    isPoll: type.isPollTarget ?? false,
    isCollection: false,
    method: does.method,
    path: place.one,
    idSegments: place.idSegments,
    contract: contractOf(type, operation, {
      summary: `${does.summary} a resource of type ${type.type}.`,
      parameters: place.parameters,
      answers: does.answers,
      isLongRunning: does.isLongRunning,
      ...(does.body === undefined ? {} : { body: { model: does.body, isOptional: false } }),
    }),
    permission: PERMISSIONS[does.method],
    carryOut: does.carryOut,
  });
  const shown = { 200: resource };
  const routes: ArmRoute<Ports>[] = [];
  if (get !== undefined) {
    const how = { method: 'GET', summary: 'Shows', answers: shown, isLongRunning: false } as const;
    routes.push(route(get, { ...how, carryOut: getResource }));
  }
  if (put !== undefined) {
    const isLongRunning = put.plan !== undefined;
    const answers = isLongRunning ? { ...shown, 202: undefined } : shown;
    const how = { method: 'PUT', summary: 'Creates or replaces', answers, isLongRunning } as const;
    routes.push(route(put, { ...how, body: resource, carryOut: putResource }));
  }
  if (patch !== undefined) {
    const how = {
      method: 'PATCH',
      summary: 'Changes',
      answers: shown,
      isLongRunning: false,
    } as const;
    const body = { schema: nodeOf(patch.body) };
    routes.push(route(patch, { ...how, body, carryOut: patchResource }));
  }
  if (remove !== undefined) {
    const answers = { 200: undefined, 202: undefined, 204: undefined };
    const how = { method: 'DELETE', summary: 'Deletes', answers, isLongRunning: true } as const;
    routes.push(route(remove, { ...how, carryOut: deleteResource }));
  }
  return routes;
}

function subscriptionRoutes<Ports>(type: ResourceType<Ports>, resource: Model): ArmRoute<Ports>[] {
  const { list } = type.operations;
  if (list === undefined) return [];
  return [
    {
      type,
      ...span(list),
      isPoll: false,
      isCollection: true,
      method: 'GET',
      path: `/subscriptions/:subscriptionId/providers/${type.namespace}/${type.type}`,
      contract: contractOf(type, list, {
        summary: `Lists resources of type ${type.type} of a subscription.`,
        parameters: ['subscriptionId'],
        answers: { 200: pageOf(resource, list) },
      }),
      permission: 'read',
      carryOut: listInSubscription,
    },
  ];
}

const pageOf = (resource: Model, { published }: DeclaredOperation): Model => ({
  ...resource,
  isList: true,
  ...(published?.listName === undefined ? {} : { listName: published.listName }),
});

function listRoutes<Ports>(
  type: ResourceType<Ports>,
  place: Place,
  resource: Model,
): ArmRoute<Ports>[] {
  const list = type.operations.list;
  if (list === undefined) return [];
  const isTop = !type.type.includes('/');
  const answers = { 200: pageOf(resource, list) };
  const collection = {
    type,
    isPoll: false,
    isCollection: true,
    method: 'GET',
    permission: 'read',
  } as const;
  const routes: ArmRoute<Ports>[] = [
    {
      ...collection,
      ...span(list),
      path: place.collection,
      contract: contractOf(type, list, {
        summary: `Lists resources of type ${type.type}.`,
        parameters: place.collectionParameters,
        answers,
      }),
      carryOut: async (provider, request, path) =>
        await listOf(provider, request, isTop ? groupIn(path) : parentIn(path)),
    },
  ];
  if (list.bySubscription !== undefined) {
    routes.push({
      ...collection,
      ...span(list.bySubscription),
      path: `/subscriptions/:subscriptionId/providers/${type.namespace}/${type.type}`,
      contract: contractOf(type, list.bySubscription, {
        summary: `Lists resources of type ${type.type} of a subscription.`,
        parameters: ['subscriptionId'],
        answers,
      }),
      carryOut: async (provider, request) => await listOf(provider, request, {}),
    });
  }
  return routes;
}

/** The collection of a path such as `…/resourceGroups/{g}/providers/{type}`. */
const groupIn = (path: string) => ({
  resourceGroup: present(enclosingOf(path).resourceGroup, 'the resource group of a list'),
});

/** The collection of a path such as `…/dataBoxEdgeDevices/{name}/shares`. */
const parentIn = (path: string) => ({ parentId: path.slice(0, path.lastIndexOf('/')) });

function actionRoutes<Ports>(type: ResourceType<Ports>, place: Place): ArmRoute<Ports>[] {
  return Object.entries(type.operations.actions ?? {}).map(([name, action]) => ({
    type,
    isPoll: false,
    isCollection: false,
    ...span(action),
    method: 'POST',
    path: `${place.one}/${name}`,
    idSegments: place.idSegments,
    contract: contractOf(type, action, {
      summary: `The action ${name} on a resource of type ${type.type}.`,
      parameters: place.parameters,
      answers: actionAnswers(action),
      isLongRunning: action.plan !== undefined,
      ...(action.body === undefined
        ? {}
        : {
            body: {
              model: { schema: nodeOf(action.body) },
              isOptional: action.isBodyOptional ?? false,
            },
          }),
    }),
    permission: `${withoutDefault(name)}/action`,
    carryOut: async (provider, request) => await actOn(provider, request, name),
  }));
}

function actionAnswers<Ports>(action: ActionOperation<Ports>): OperationContract['answers'] {
  const answer = action.answer === undefined ? undefined : { schema: nodeOf(action.answer) };
  if (action.plan === undefined) return { 200: answer };
  return { 200: answer, 202: action.isOutputFlat === true ? answer : undefined };
}

/** `operationResults/{id}` hangs below every resource that has long-running operations, and below some actions. */
function pollRoutes<Ports>(type: ResourceType<Ports>, place: Place): ArmRoute<Ports>[] {
  const { put, delete: remove, actions } = type.operations;
  const planned = Object.values(actions ?? {}).filter((action) => action.plan !== undefined);
  const paths = new Set(planned.map((action) => action.pollPath ?? ''));
  if (put?.plan !== undefined || remove !== undefined) paths.add('');
  return [...paths].map((pollPath) => {
    const path = pollPath === '' ? place.one : `${place.one}/${pollPath}`;
    return {
      type,
      isPoll: true,
      isCollection: false,
      method: 'GET',
      path: `${path}/operationResults/:operationId`,
      idSegments: place.idSegments,
      contract: contractOf(
        type,
        { id: `OperationResults_Get_${`${type.type}/${pollPath}`.replaceAll('/', '_')}` },
        {
          summary: `Polls an operation on a resource of type ${type.type}.`,
          parameters: [...place.parameters, 'operationId'],
          answers: { 200: undefined, 202: undefined, 204: undefined },
        },
      ),
      permission: withoutDefault(`${pollPath}/operationResults/read`),
      carryOut: async (provider, request, rest) =>
        await pollResult(provider, request, lastSegmentOf(rest)),
    };
  });
}

/** `securitySettings/default/update` as access is asked for it: `securitySettings/update` (RBAC list). */
const withoutDefault = (path: string): string => path.replace('/default', '').replace(/^\//, '');

/** What every declared operation says of itself. */
interface DeclaredOperation {
  readonly id: string;
  readonly since?: string;
  readonly until?: string;
  readonly published?: Published;
}

/** What follows from the verb, and what the declaration says beyond it. */
function contractOf<Ports>(
  type: ResourceType<Ports>,
  operation: DeclaredOperation,
  verb: Pick<OperationContract, 'summary' | 'parameters' | 'answers' | 'body'> & {
    readonly isLongRunning?: boolean;
  },
): OperationContract {
  const published = operation.published ?? {};
  return {
    operationId: operation.id,
    tag: `${type.namespace}/${type.type}`,
    summary: verb.summary,
    parameters: verb.parameters,
    answers: answersOf(verb.answers, published),
    isLongRunning: verb.isLongRunning ?? false,
    isPageable: Object.values(verb.answers).some((model) => model?.isList === true),
    published,
    ...(verb.body === undefined ? {} : { body: verb.body }),
  };
}

/** The api-versions that have it, as the route's checks want them. */
function span(operation: DeclaredOperation): { since?: string; until?: string } {
  return {
    ...(operation.since === undefined ? {} : { since: operation.since }),
    ...(operation.until === undefined ? {} : { until: operation.until }),
  };
}
