/**
 * The routes of the provider: made from the resource types, one an operation. Which verb carries each out is said here
 * and nowhere else. No HTTP types: `http.ts` mounts them.
 */
import { listDoc, plain, resourceDoc, routeDoc, type RouteDoc } from './openapi.ts';
import type { Route } from './admission.ts';
import type { Answer } from './polling.ts';
import type { ArmRequest, Provider } from './provider.ts';
import type { ResourceType } from './resource-type.ts';
import { nodeOf, type SchemaNode } from './schema.ts';
import { actOn } from './verbs/action.ts';
import { deleteResource } from './verbs/delete.ts';
import { getResource } from './verbs/get.ts';
import { listOf } from './verbs/list.ts';
import { patchResource } from './verbs/patch.ts';
import { pollResult } from './verbs/poll.ts';
import { putResource } from './verbs/put.ts';

export interface ArmRoute<Ports> extends Route<Ports> {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'DELETE' | 'POST';
  /** With `:parameters`. */
  readonly path: string;
  /** How many segments of the path, the empty first one included, are the resource's id; undefined: none. */
  readonly idSegments?: number;
  readonly doc: RouteDoc;
  /** `rest`: what the path has after the id, without a leading slash. */
  carryOut(provider: Provider<Ports>, request: ArmRequest<Ports>, rest: string): Promise<Answer>;
}

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
    collectionParameters: parameters,
    parameters: type.singleton === undefined ? [...parameters, type.nameParameter] : parameters,
  };
}

function typeRoutes<Ports>(type: ResourceType<Ports>, place: Place): ArmRoute<Ports>[] {
  const { operations } = type;
  const idSegments = place.one.split('/').length;
  const resource = resourceDoc(type, 'response');
  const doc = (
    operationId: string,
    summary: string,
    answers: Readonly<Record<number, SchemaNode | undefined>>,
    body?: SchemaNode,
  ): RouteDoc =>
    routeDoc(type, { operationId, summary, parameters: place.parameters, answers, body });
  const one = {
    type,
    isPoll: type.isPollTarget ?? false,
    isCollection: false,
    path: place.one,
    idSegments,
  };
  const routes: ArmRoute<Ports>[] = listRoutes(type, place, resource);
  if (operations.get !== undefined) {
    routes.push({
      ...one,
      ...span(operations.get),
      method: 'GET',
      doc: doc(operations.get.id, `Shows a resource of type ${type.type}.`, { 200: resource }),
      carryOut: getResource,
    });
  }
  if (operations.put !== undefined) {
    const answers =
      operations.put.plan === undefined ? { 200: resource } : { 200: resource, 202: undefined };
    routes.push({
      ...one,
      ...span(operations.put),
      method: 'PUT',
      doc: doc(
        operations.put.id,
        `Creates or replaces a resource of type ${type.type}.`,
        answers,
        resourceDoc(type, 'request'),
      ),
      carryOut: putResource,
    });
  }
  if (operations.patch !== undefined) {
    routes.push({
      ...one,
      ...span(operations.patch),
      method: 'PATCH',
      doc: doc(
        operations.patch.id,
        `Changes a resource of type ${type.type}.`,
        { 200: resource },
        plain(nodeOf(operations.patch.body)),
      ),
      carryOut: patchResource,
    });
  }
  if (operations.delete !== undefined) {
    routes.push({
      ...one,
      ...span(operations.delete),
      method: 'DELETE',
      doc: doc(operations.delete.id, `Deletes a resource of type ${type.type}.`, {
        200: undefined,
        202: undefined,
        204: undefined,
      }),
      carryOut: deleteResource,
    });
  }
  return [
    ...routes,
    ...actionRoutes(type, place, idSegments),
    ...pollRoutes(type, place, idSegments),
  ];
}

function listRoutes<Ports>(
  type: ResourceType<Ports>,
  place: Place,
  resource: SchemaNode,
): ArmRoute<Ports>[] {
  const list = type.operations.list;
  if (list === undefined) return [];
  const isTop = !type.type.includes('/');
  const answers = { 200: listDoc(resource) };
  const collection = { type, isPoll: false, isCollection: true, method: 'GET' } as const;
  const routes: ArmRoute<Ports>[] = [
    {
      ...collection,
      ...span(list),
      path: place.collection,
      doc: routeDoc(type, {
        operationId: list.id,
        summary: `Lists resources of type ${type.type}.`,
        parameters: place.collectionParameters,
        answers,
      }),
      carryOut: async (provider, request) => {
        const segments = cleanSegments(request.url);
        return await listOf(
          provider,
          request,
          isTop
            ? { resourceGroup: segments[4] ?? '' }
            : { parentId: segments.slice(0, -1).join('/') },
        );
      },
    },
  ];
  if (list.bySubscription !== undefined) {
    routes.push({
      ...collection,
      ...span(list.bySubscription),
      path: `/subscriptions/:subscriptionId/providers/${type.namespace}/${type.type}`,
      doc: routeDoc(type, {
        operationId: list.bySubscription.id,
        summary: `Lists resources of type ${type.type} of a subscription.`,
        parameters: ['subscriptionId'],
        answers,
      }),
      carryOut: async (provider, request) => await listOf(provider, request, {}),
    });
  }
  return routes;
}

/** The decoded segments of a URL's path. */
function cleanSegments(url: string): string[] {
  const path = new URL(url).pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '');
  return path.split('/').map(decodeURIComponent);
}

function actionRoutes<Ports>(
  type: ResourceType<Ports>,
  place: Place,
  idSegments: number,
): ArmRoute<Ports>[] {
  return Object.entries(type.operations.actions ?? {}).map(([name, action]) => ({
    type,
    isPoll: false,
    isCollection: false,
    ...span(action),
    method: 'POST',
    path: `${place.one}/${name}`,
    idSegments,
    doc: routeDoc(type, {
      operationId: action.id,
      summary: `The action ${name} on a resource of type ${type.type}.`,
      parameters: place.parameters,
      body: action.body === undefined ? undefined : plain(nodeOf(action.body)),
      answers:
        action.plan === undefined
          ? { 200: action.answer === undefined ? undefined : plain(nodeOf(action.answer)) }
          : { 200: undefined, 202: undefined },
    }),
    carryOut: async (provider, request) => await actOn(provider, request, name),
  }));
}

/** `operationResults/{id}` hangs below every resource that has long-running operations. */
function pollRoutes<Ports>(
  type: ResourceType<Ports>,
  place: Place,
  idSegments: number,
): ArmRoute<Ports>[] {
  const { put, delete: remove, actions } = type.operations;
  const isLongRunning =
    put?.plan !== undefined ||
    remove !== undefined ||
    Object.values(actions ?? {}).some((action) => action.plan !== undefined);
  if (!isLongRunning) return [];
  return [
    {
      type,
      isPoll: true,
      isCollection: false,
      method: 'GET',
      path: `${place.one}/operationResults/:operationId`,
      idSegments,
      doc: routeDoc(type, {
        operationId: `OperationResults_Get_${type.type.replaceAll('/', '_')}`,
        summary: `Polls an operation on a resource of type ${type.type}.`,
        parameters: [...place.parameters, 'operationId'],
        answers: { 200: undefined, 202: undefined, 204: undefined },
      }),
      carryOut: async (provider, request, rest) =>
        await pollResult(provider, request, rest.split('/')[1] ?? ''),
    },
  ];
}

function span(operation: { since?: string; until?: string }): { since?: string; until?: string } {
  return {
    ...(operation.since === undefined ? {} : { since: operation.since }),
    ...(operation.until === undefined ? {} : { until: operation.until }),
  };
}
