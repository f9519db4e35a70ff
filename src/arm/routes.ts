/**
 * The routes of the provider: made from the declarations of the resource types, one for each operation. Data alone:
 * `http.ts` mounts them, `verbs/carry-out.ts` carries them out, and the documents are made from them.
 */
import type { Route } from './admission.ts';
import type { DeclaredAction, DeclaredOperation, ResourceDeclaration } from './declaration.ts';
import { answersOf, type Model, modelOf, type OperationContract } from './operation-contract.ts';
import { nodeOf } from './schema.ts';

/** What a route does. Lists say what they are of, actions their name as declared. */
export type Verb =
  | { readonly kind: 'get' | 'put' | 'patch' | 'delete' | 'poll' }
  | { readonly kind: 'list'; readonly of: 'group' | 'parent' | 'subscription' }
  | { readonly kind: 'action'; readonly name: string };

interface TypeRoute extends Omit<Route, 'type'> {
  readonly verb: Verb;
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'DELETE' | 'POST';
  /** With `:parameters`. */
  readonly path: string;
  /** How many segments of the path, the empty first one included, are the resource's id; undefined: none. */
  readonly idSegments?: number;
  readonly contract: OperationContract;
  /** `read`, `write`, `delete`, `refresh/action`: the access that a caller needs for it. */
  readonly permission: string;
}

export interface ArmRoute<T extends ResourceDeclaration = ResourceDeclaration> extends TypeRoute {
  readonly type: T;
}

/** The access that each method needs. */
const PERMISSIONS = {
  GET: 'read',
  PUT: 'write',
  PATCH: 'write',
  DELETE: 'delete',
  POST: 'action',
} as const;

const GROUP = '/subscriptions/:subscriptionId/resourceGroups/:resourceGroupName';

/** Every route of every type, in the order of the list. */
export function routesOf<T extends ResourceDeclaration>(types: readonly T[]): ArmRoute<T>[] {
  const byType = new Map(types.map((type) => [`${type.namespace}/${type.type}`, type]));
  return types.flatMap((type) =>
    typeRoutes(type, placeOf(type, byType)).map((route) => ({ ...route, type })),
  );
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

function placeOf(
  type: ResourceDeclaration,
  byType: ReadonlyMap<string, ResourceDeclaration>,
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

function typeRoutes(type: ResourceDeclaration, place: Place): TypeRoute[] {
  const resource = modelOf(type);
  if (type.category === 'subscription') return subscriptionRoutes(type, resource);
  return [
    ...listRoutes(type, place, resource),
    ...oneRoutes(type, place, resource),
    ...actionRoutes(type, place),
    ...pollRoutes(type, place),
  ];
}

/** GET, PUT, PATCH and DELETE of one resource. */
function oneRoutes(type: ResourceDeclaration, place: Place, resource: Model): TypeRoute[] {
  const { get, put, patch, delete: remove } = type.operations;
  const route = (
    operation: DeclaredOperation,
    does: {
      readonly kind: 'get' | 'put' | 'patch' | 'delete';
      readonly method: keyof typeof PERMISSIONS;
      readonly summary: string;
      readonly body?: Model;
    } & Pick<OperationContract, 'answers' | 'isLongRunning'>,
  ): TypeRoute => ({
    ...span(operation),
    isPoll: type.isPollTarget ?? false,
    isCollection: false,
    verb: { kind: does.kind },
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
  });
  const shown = { 200: resource };
  const routes: TypeRoute[] = [];
  if (get !== undefined) {
    const how = { method: 'GET', summary: 'Shows', answers: shown, isLongRunning: false } as const;
    routes.push(route(get, { ...how, kind: 'get' }));
  }
  if (put !== undefined) {
    const isLongRunning = put.plan !== undefined;
    const answers = isLongRunning ? { ...shown, 202: undefined } : shown;
    const how = { method: 'PUT', summary: 'Creates or replaces', answers, isLongRunning } as const;
    routes.push(route(put, { ...how, kind: 'put', body: resource }));
  }
  if (patch !== undefined) {
    const how = {
      method: 'PATCH',
      summary: 'Changes',
      answers: shown,
      isLongRunning: false,
    } as const;
    const body = { schema: nodeOf(patch.body) };
    routes.push(route(patch, { ...how, kind: 'patch', body }));
  }
  if (remove !== undefined) {
    const answers = { 200: undefined, 202: undefined, 204: undefined };
    const how = { method: 'DELETE', summary: 'Deletes', answers, isLongRunning: true } as const;
    routes.push(route(remove, { ...how, kind: 'delete' }));
  }
  return routes;
}

function subscriptionRoutes(type: ResourceDeclaration, resource: Model): TypeRoute[] {
  const { list } = type.operations;
  if (list === undefined) return [];
  return [
    {
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
      verb: { kind: 'list', of: 'subscription' },
    },
  ];
}

const pageOf = (resource: Model, { published }: DeclaredOperation): Model => ({
  ...resource,
  isList: true,
  ...(published?.listName === undefined ? {} : { listName: published.listName }),
});

function listRoutes(type: ResourceDeclaration, place: Place, resource: Model): TypeRoute[] {
  const list = type.operations.list;
  if (list === undefined) return [];
  const isTop = !type.type.includes('/');
  const answers = { 200: pageOf(resource, list) };
  const collection = {
    isPoll: false,
    isCollection: true,
    method: 'GET',
    permission: 'read',
  } as const;
  const routes: TypeRoute[] = [
    {
      ...collection,
      ...span(list),
      path: place.collection,
      contract: contractOf(type, list, {
        summary: `Lists resources of type ${type.type}.`,
        parameters: place.collectionParameters,
        answers,
      }),
      verb: { kind: 'list', of: isTop ? 'group' : 'parent' },
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
      verb: { kind: 'list', of: 'subscription' },
    });
  }
  return routes;
}

function actionRoutes(type: ResourceDeclaration, place: Place): TypeRoute[] {
  return Object.entries(type.operations.actions ?? {}).map(([name, action]) => ({
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
    verb: { kind: 'action', name },
  }));
}

function actionAnswers(action: DeclaredAction): OperationContract['answers'] {
  const answer = action.answer === undefined ? undefined : { schema: nodeOf(action.answer) };
  if (action.plan === undefined) return { 200: answer };
  return { 200: answer, 202: action.isOutputFlat === true ? answer : undefined };
}

/** `operationResults/{id}` hangs below every resource that has long-running operations, and below some actions. */
function pollRoutes(type: ResourceDeclaration, place: Place): TypeRoute[] {
  const { put, delete: remove, actions } = type.operations;
  const planned = Object.values(actions ?? {}).filter((action) => action.plan !== undefined);
  const paths = new Set(planned.map((action) => action.pollPath ?? ''));
  if (put?.plan !== undefined || remove !== undefined) paths.add('');
  return [...paths].map((pollPath) => {
    const path = pollPath === '' ? place.one : `${place.one}/${pollPath}`;
    return {
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
      verb: { kind: 'poll' },
    };
  });
}

/** `securitySettings/default/update` as access is asked for it: `securitySettings/update` (RBAC list). */
const withoutDefault = (path: string): string => path.replace('/default', '').replace(/^\//, '');

/** What follows from the verb, and what the declaration says beyond it. */
function contractOf(
  type: ResourceDeclaration,
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
