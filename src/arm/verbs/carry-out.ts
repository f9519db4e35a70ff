/** Carries out a request by the verb of its route. The one place that says which function does what. */
import { assert, present } from '#shared/assert.ts';
import { enclosingOf, lastSegmentOf } from '#shared/arm-id.ts';
import type { Answer } from '../polling.ts';
import { type ArmRequest, type Provider, storedRequest } from '../provider.ts';
import type { Verb } from '../routes.ts';
import { actOn } from './action.ts';
import { deleteResource } from './delete.ts';
import { getResource } from './get.ts';
import { listInSubscription, listOf } from './list.ts';
import { patchResource } from './patch.ts';
import { pollResult } from './poll.ts';
import { putResource } from './put.ts';

/** What a route and the URL say about a request, beyond the request itself. */
export interface Call {
  readonly verb: Verb;
  /** The decoded path. */
  readonly path: string;
}

export async function carryOut(
  provider: Provider,
  request: ArmRequest,
  { verb, path }: Call,
): Promise<Answer> {
  switch (verb.kind) {
    case 'get':
      return await getResource(provider, request);
    case 'put':
      return await putResource(provider, storedRequest(request));
    case 'patch':
      return await patchResource(provider, storedRequest(request));
    case 'delete':
      return await deleteResource(provider, storedRequest(request));
    case 'action':
      return await actOn(provider, request, verb.name);
    case 'poll':
      return await pollResult(provider, request, lastSegmentOf(path));
    case 'list':
      return await list(provider, request, { of: verb.of, path });
  }
}

async function list(
  provider: Provider,
  request: ArmRequest,
  { of, path }: { readonly of: 'group' | 'parent' | 'subscription'; readonly path: string },
): Promise<Answer> {
  switch (of) {
    case 'group': {
      const { resourceGroup } = enclosingOf(path);
      return await listOf(provider, request, {
        resourceGroup: present(resourceGroup, 'the resource group of a list'),
      });
    }
    case 'parent':
      return await listOf(provider, request, { parentId: path.slice(0, path.lastIndexOf('/')) });
    case 'subscription': {
      const { type } = request;
      if (type.category === 'subscription') return await listInSubscription({ ...request, type });
      assert(type.category === 'stored', 'what is observed is listed by its device');
      return await listOf(provider, request, {});
    }
  }
}
