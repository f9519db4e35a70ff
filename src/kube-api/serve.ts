/**
 * The way of a request: cluster, caller, right, verb, answer. Every refusal is a Status, whatever is thrown.
 * Source: the handler chain of the real server (kubernetes-api.md 4.2).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  ClusterElsewhereError,
  ClusterLostError,
  type Clusters,
  type LiveCluster,
} from '#fleet/clusters.ts';
import { waitForOther } from '#fleet/other-process.ts';
import { authorize } from '#kubernetes/access/rbac.ts';
import { SUBRESOURCES } from '#kubernetes/discovery/subresources.ts';
import { isServing } from '#kubernetes/foundation.ts';
import { kindOf } from '#kubernetes/kinds/index.ts';
import type { Kind } from '#kubernetes/kinds/kind.ts';
import { badRequest, methodNotAllowed, StatusError, unknownResource } from '#kubernetes/status.ts';
import type { Logger } from '#shared/logger.ts';
import type { ClusterAuthority, ClusterTrust } from '#vault/cluster-authority.ts';
import { type Answer, answerOfStatus, send } from './answers.ts';
import { authenticate, impersonated } from './authentication.ts';
import type { Call, KindCall } from './call.ts';
import { monotonicNow } from '#shared/instant.ts';
import { acceptedOf } from './media.ts';
import { patchOne } from './patches.ts';
import { answerPath } from './paths.ts';
import { type ResourceRequest, resourceRequestOf, type Verb, verbOf } from './request-info.ts';
import { createOne, deleteMany, deleteOne, getOne, listAll, replaceOne } from './resources.ts';
import { createToken, review, reviewOf } from './reviews.ts';
import { getScale, replaceScale } from './scale.ts';
import { type Handed, NotThereError, PEER_HEADER, type Peers } from './peers.ts';
import { type StreamLimits, tooMany } from './streams.ts';
import { bindPod, evictPod, podLog } from './pod-calls.ts';
import { watch } from './watch.ts';

export interface KubeApiParts {
  readonly clusters: Clusters;
  readonly authority: ClusterAuthority;
  readonly peers: Peers;
  readonly log: Logger;
}

/** Requests of one cluster that are carried out at once (--max-requests-inflight), watches that have begun not counted. */
const MAX_IN_FLIGHT = 400;

/** One door for every cluster: `/clusters/{id}/…`. */
export class KubeApi {
  readonly #parts: KubeApiParts;
  readonly #limits: StreamLimits;
  readonly #inFlight = new WeakMap<LiveCluster, number>();
  /** What a cluster trusts is made once in its life, so it is asked for once while the cluster is in memory. */
  readonly #trusts = new WeakMap<LiveCluster, ClusterTrust>();

  constructor(parts: KubeApiParts, limits: StreamLimits) {
    this.#parts = parts;
    this.#limits = limits;
  }

  /** Answers one request; `path` is what follows the cluster's own address. */
  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    { id, path }: { readonly id: string; readonly path: string },
  ): Promise<void> {
    try {
      const { clusters, peers } = this.#parts;
      const telling = clusters.upToDate();
      if (telling !== undefined) await telling;
      const handed = PEER_HEADER in request.headers ? await peers.handedBy(request) : undefined;
      const cluster =
        handed === undefined
          ? await this.#openOrHand(id, { request, response })
          : await this.#openHere(id, response);
      if (cluster === 'answered') return;
      if (handed?.isPlay === true) {
        if (cluster !== undefined) await clusters.play(id);
        send(response, { code: 200, text: '{}' });
        return;
      }
      if (cluster === undefined) throw unknownResource();
      await this.#oneOfFew(cluster, async () =>
        this.#serveFrom(cluster, { request, response, path, handed }),
      );
    } catch (error) {
      this.#refuse(request, response, error);
    }
  }

  /** Carries a request out, unless too many of its cluster are under way. */
  async #oneOfFew(cluster: LiveCluster, work: () => Promise<void>): Promise<void> {
    const count = this.#inFlight.get(cluster) ?? 0;
    if (count >= MAX_IN_FLIGHT) throw tooMany();
    this.#inFlight.set(cluster, count + 1);
    try {
      await work();
    } finally {
      this.#inFlight.set(cluster, (this.#inFlight.get(cluster) ?? 1) - 1);
    }
  }

  /** Now and then: clusters that nobody uses leave memory. */
  async tidy(): Promise<void> {
    await this.#parts.clusters.dropUnused();
  }

  /** The cluster, where this process has it or may have it; else the request is put to the process that has it. */
  async #openOrHand(
    id: string,
    { request, response }: Pick<Call, 'request' | 'response'>,
  ): Promise<LiveCluster | undefined | 'answered'> {
    const { clusters, peers } = this.#parts;
    for (const beganAt = monotonicNow(); ; ) {
      try {
        const cluster = await clusters.open(id);
        const refreshing = cluster?.refresh();
        if (refreshing !== undefined) await refreshing;
        return cluster;
      } catch (error) {
        // Lost before anything was done with it: the next look shows who has it, or that it is gone.
        if (!(error instanceof ClusterElsewhereError) && !(error instanceof ClusterLostError)) {
          throw error;
        }
        if (error instanceof ClusterElsewhereError && error.address !== undefined) {
          try {
            await peers.hand({ request, response, owner: error });
            return 'answered';
          } catch (reason) {
            if (!(reason instanceof NotThereError)) throw reason;
          }
        }
        clusters.notThere(id);
      }
      if (!(await waitForOther(beganAt))) throw unavailable();
    }
  }

  /** The cluster for a request that another process hands on, which asks anew where it is not here. */
  async #openHere(
    id: string,
    response: ServerResponse,
  ): Promise<LiveCluster | undefined | 'answered'> {
    try {
      const cluster = await this.#parts.clusters.open(id);
      const refreshing = cluster?.refresh();
      if (refreshing !== undefined) await refreshing;
      return cluster;
    } catch (error) {
      if (!(error instanceof ClusterElsewhereError) && !(error instanceof ClusterLostError)) {
        throw error;
      }
      this.#parts.peers.refuse(response);
      return 'answered';
    }
  }

  async #serveFrom(
    cluster: LiveCluster,
    {
      request,
      response,
      path,
      handed,
    }: Pick<Call, 'request' | 'response'> & {
      readonly path: string;
      readonly handed: Handed | undefined;
    },
  ): Promise<void> {
    const { world } = cluster.plane;
    if (!isServing(world.foundation)) throw unavailable();
    const trust = this.#trusts.get(cluster) ?? (await this.#trustOf(cluster));
    const url = new URL(path, 'http://cluster');
    const known = authenticate(request, world, { trust, handedOn: handed });
    const caller = impersonated(request, known, world);
    const base = { request, response, query: url.searchParams, cluster, trust, caller };
    const asked = resourceRequestOf(decodePath(url.pathname));
    if (asked === undefined) {
      const verb = (request.method ?? 'GET').toLowerCase();
      authorize(world, caller, { verb, path: url.pathname });
      if (verb !== 'get' && verb !== 'head') throw methodNotAllowed();
      const accepted = acceptedOf('application/json');
      if (!answerPath({ ...base, accepted }, url.pathname)) throw unknownResource();
      return;
    }
    const accepted = acceptedOf(request.headers.accept);
    const answer = await this.#answer({ ...base, accepted }, asked);
    if (answer !== undefined) {
      send(response, answer, { isYaml: accepted.isYaml, isHead: request.method === 'HEAD' });
    }
  }

  async #trustOf(cluster: LiveCluster): Promise<ClusterTrust> {
    const trust = await this.#parts.authority.trustOf(cluster);
    this.#trusts.set(cluster, trust);
    return trust;
  }

  async #answer(call: Call, asked: ResourceRequest): Promise<Answer | undefined> {
    const verb = verbOf(call.request.method ?? '', asked, call.query);
    if (verb === undefined) throw methodNotAllowed();
    const { group, resource, subresource, namespace, name } = asked;
    // A namespace is a resource inside itself, as far as rights go.
    const home = group === '' && resource === 'namespaces' ? name : namespace;
    authorize(call.cluster.plane.world, call.caller, {
      verb,
      group,
      resource,
      subresource,
      namespace: home,
      name,
    });
    if (asked.version !== 'v1') throw unknownResource();
    const asking = reviewOf(group, resource);
    if (asking !== undefined) {
      if (verb !== 'create') throw methodNotAllowed();
      return await review(call, asking, namespace);
    }
    const kind = kindOf(group, resource);
    if (kind === undefined || kind.isNamespaced !== isPlaced(kind, asked, verb)) {
      throw unknownResource();
    }
    const kindCall = {
      ...call,
      kind,
      namespace: kind.isNamespaced ? namespace : undefined,
      name: name ?? '',
      subresource,
    };
    return subresource === undefined
      ? await this.#ofResource(kindCall, verb)
      : await ofSubresource(kindCall, verb);
  }

  async #ofResource(call: KindCall, verb: Verb): Promise<Answer | undefined> {
    const isNamed = call.name !== '';
    const needsName = verb === 'update' || verb === 'patch';
    if (!call.kind.verbs.includes(verb) || (needsName && !isNamed)) throw methodNotAllowed();
    switch (verb) {
      case 'get':
        return await getOne(call);
      case 'list':
        return await listAll(call);
      case 'watch':
        this.#limits.check(call);
        await watch(call, this.#limits);
        return undefined;
      case 'create':
        return await createOne(call);
      case 'update':
        return await replaceOne(call);
      case 'patch':
        return await patchOne(call);
      case 'delete':
        return await deleteOne(call);
      case 'deletecollection':
        return await deleteMany(call);
    }
  }

  #refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const refusal = refusalOf(error);
    if (refusal === undefined) {
      const { method, url } = request;
      this.#parts.log.error({ err: error, method, url }, 'a request to a cluster failed');
    }
    send(response, answerOfStatus((refusal ?? internal()).status));
    // Nobody reads the rest of a body that was refused halfway; it is let through, for the next request behind it.
    if (!request.complete) request.resume();
  }
}

/** Lists of a namespaced kind may be of all namespaces; whatever names an object names its namespace. */
function isPlaced(kind: Kind, { namespace, name }: ResourceRequest, verb: Verb): boolean {
  if (namespace !== undefined) return true;
  return (
    kind.isNamespaced &&
    name === undefined &&
    (verb === 'list' || verb === 'watch' || verb === 'create' || verb === 'deletecollection')
  );
}

async function ofSubresource(call: KindCall, verb: Verb): Promise<Answer> {
  const { kind, subresource } = call;
  const isKnown = SUBRESOURCES[kind.key]?.some(({ name }) => name === subresource) === true;
  switch (subresource) {
    case 'status':
      if (!kind.hasStatus) break;
      if (verb === 'get') return await getOne({ ...call, subresource: undefined });
      if (verb === 'update') return await replaceOne(call);
      if (verb === 'patch') return await patchOne(call);
      throw methodNotAllowed();
    case 'scale':
      if (!kind.hasScale) break;
      if (verb === 'get') return await getScale(call);
      if (verb === 'update') return await replaceScale(call);
      if (verb === 'patch') return await patchOne(call);
      throw methodNotAllowed();
    case 'finalize':
      if (!isKnown) break;
      if (verb === 'update') return await replaceOne(call);
      throw methodNotAllowed();
    case 'token':
    case 'binding':
    case 'eviction':
      if (!isKnown) break;
      if (verb !== 'create') throw methodNotAllowed();
      if (subresource === 'token') return await createToken(call);
      return subresource === 'binding' ? await bindPod(call) : await evictPod(call);
    case 'log':
      if (!isKnown) break;
      if (verb !== 'get') throw methodNotAllowed();
      return await podLog(call);
    default:
  }
  throw unknownResource();
}

const unavailable = (): StatusError =>
  new StatusError(503, 'ServiceUnavailable', {
    message: 'the server is currently unable to handle the request',
    details: { retryAfterSeconds: 1 },
  });

const internal = (): StatusError =>
  new StatusError(500, 'InternalError', {
    message: 'Internal error occurred',
    details: { causes: [{ message: 'see the log of the service' }] },
  });

function refusalOf(error: unknown): StatusError | undefined {
  if (error instanceof StatusError) return error;
  return error instanceof ClusterLostError ? unavailable() : undefined;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    const [escape] = /%(?![0-9a-f]{2}).{0,2}/i.exec(path) ?? [];
    // Go takes any byte; one that makes no text is part of no name.
    if (escape === undefined) throw unknownResource();
    throw badRequest(`parse ${JSON.stringify(path)}: invalid URL escape ${JSON.stringify(escape)}`);
  }
}
