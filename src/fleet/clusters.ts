/**
 * Where clusters live: loaded when somebody needs one, saved in the shared commit, gone from memory when nobody uses it. A cluster
 * that nobody has opened has no row; its objects begin, by its seed, at the moment at which its role was created.
 */
import type { Observation } from '#appliance/observation.ts';
import { ControlPlane } from '#kubernetes/control-plane.ts';
import { kindOf } from '#kubernetes/kinds/index.ts';
import { Entry } from '#kubernetes/objects/entry.ts';
import type { KubeObject } from '#kubernetes/objects/object.ts';
import type { Clock } from '#schedule/clock.ts';
import type { JsonObject } from '#shared/json.ts';
import { guid } from '#shared/random.ts';
import type { Database } from '#store/database.ts';
import {
  findKubernetesCluster,
  type KubernetesClusterRow,
  type KubernetesObjectRow,
  listKubernetesObjects,
  putKubernetesCluster,
  removeKubernetesCluster,
} from '#store/kubernetes.ts';
import { clearTimer } from '#store/timers.ts';
import { CLUSTER_TIMER } from './cluster-rows.ts';
import type { Fleet, MachineHandle } from './fleet.ts';
import { foundationOf } from './foundation.ts';
import { ClusterLostError, LiveCluster } from './live-cluster.ts';

export { CLUSTER_TIMER } from './cluster-rows.ts';
export { ClusterLostError, type LiveCluster } from './live-cluster.ts';
export type { Watcher } from './watches.ts';

/** Clusters that nobody watches leave memory when there are more than these. */
const MAX_LIVE = 32;

/** How often a cluster is opened anew to play it. */
const MAX_PLAYS = 3;

/** Names one cluster: the appliance, and the life of its cluster. */
export interface ClusterName {
  readonly id: string;
  readonly life: string;
}

export interface ClustersParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly fleet: Fleet;
  /** PEM of what clients inside a cluster trust. */
  readonly rootCertificates: (cluster: ClusterName) => Promise<string>;
}

export class Clusters {
  readonly #parts: ClustersParts;
  /** The least recently used first. */
  readonly #live = new Map<string, Promise<LiveCluster | undefined>>();

  constructor(parts: ClustersParts) {
    this.#parts = parts;
  }

  /** The cluster of an appliance; undefined where it has none. */
  async open(id: string): Promise<LiveCluster | undefined> {
    const known = this.#live.get(id);
    const opening = known ?? this.#load(id);
    this.#live.delete(id);
    this.#live.set(id, opening);
    try {
      const cluster = await opening;
      if (cluster === undefined) this.#live.delete(id);
      else if (known === undefined) await this.#dropIdle();
      return cluster;
    } catch (error) {
      this.#live.delete(id);
      throw error;
    }
  }

  /** Plays what has fallen due in a cluster. The handler of `CLUSTER_TIMER`. */
  async play(id: string): Promise<void> {
    for (let attempt = 0; attempt < MAX_PLAYS; attempt++) {
      const cluster = await this.open(id);
      if (cluster === undefined) break;
      try {
        await cluster.play();
        return;
      } catch (error) {
        // Another process had it, or it is gone: both are seen when it is opened again.
        if (!(error instanceof ClusterLostError)) throw error;
      }
    }
    await this.#parts.database.write(async (writer) => clearTimer(writer, CLUSTER_TIMER, id));
  }

  /** Drops every cluster: the world was emptied. */
  forgetAll(): void {
    for (const opening of this.#live.values()) void opening.then((cluster) => cluster?.lose());
    this.#live.clear();
  }

  async #dropIdle(): Promise<void> {
    for (const [id, opening] of this.#live) {
      if (this.#live.size <= MAX_LIVE) return;
      if ((await opening)?.isIdle === true) this.#live.delete(id);
    }
  }

  async #load(id: string): Promise<LiveCluster | undefined> {
    const { fleet, database, clock, rootCertificates } = this.#parts;
    const machine = await fleet.handleOf(id);
    if (machine === undefined) return undefined;
    const observation = await fleet.observe(machine);
    if (observation.cluster === undefined) return undefined;
    const { createdAt } = observation.cluster;
    const { seed } = machine.spec;
    const life = guid(seed, 'kubernetes', createdAt);
    const certificates = await rootCertificates({ id, life });
    const foundation = foundationOf(observation, certificates);
    if (foundation === undefined) return undefined;
    const row = await this.#takeOver(id, { life, playedTo: createdAt });
    const objects = await listKubernetesObjects(database.reader, id);
    const plane = new ControlPlane({
      seed: `${seed} ${life}`,
      foundation,
      ...(objects.length === 0
        ? {}
        : {
            saved: { revision: row.revision, playedTo: row.playedTo, entries: entriesOf(objects) },
          }),
    });
    return new LiveCluster({
      id,
      life,
      plane,
      ownerNumber: row.ownerNumber,
      database,
      now: () => clock.now(),
      refresh: this.#refreshing(machine, { observation, certificates }),
      onLost: () => {
        this.#live.delete(id);
      },
    });
  }

  /** Makes the cluster this process's own; its row, which is made where there is none of this life. */
  async #takeOver(
    id: string,
    { life, playedTo }: Pick<KubernetesClusterRow, 'life' | 'playedTo'>,
  ): Promise<KubernetesClusterRow> {
    return await this.#parts.database.write(async (writer) => {
      const found = await findKubernetesCluster(writer, id);
      if (found !== undefined && found.life !== life) await removeKubernetesCluster(writer, id);
      const row =
        found?.life === life
          ? { ...found, ownerNumber: found.ownerNumber + 1 }
          : { life, playedTo, revision: 1, ownerNumber: (found?.ownerNumber ?? 0) + 1 };
      await putKubernetesCluster(writer, id, row);
      return row;
    });
  }

  /** Hands a cluster what its machine gives now, where that has changed since the last time. */
  #refreshing(
    machine: MachineHandle,
    first: { readonly observation: Observation; readonly certificates: string },
  ): (plane: ControlPlane) => Promise<void> | undefined {
    const { fleet } = this.#parts;
    let last = first.observation;
    let text = JSON.stringify(foundationOf(last, first.certificates));
    const take = (plane: ControlPlane, observation: Observation): void => {
      last = observation;
      const foundation = foundationOf(observation, first.certificates);
      if (foundation?.createdAt !== plane.world.foundation.createdAt) throw new ClusterLostError();
      const next = JSON.stringify(foundation);
      if (next === text) return;
      text = next;
      plane.setFoundation(foundation);
    };
    return (plane) => {
      const cached = fleet.cachedObservation(machine);
      if (cached === last) return undefined;
      if (cached !== undefined) {
        take(plane, cached);
        return undefined;
      }
      return fleet.observe(machine).then((observation) => {
        take(plane, observation);
      });
    };
  }
}

function* entriesOf(rows: readonly KubernetesObjectRow[]): Generator<Entry> {
  for (const { resource, revision, body, simulation } of rows) {
    const at = resource.indexOf('/');
    const kind = kindOf(resource.slice(0, at), resource.slice(at + 1));
    // A kind that this release does not serve stays in its rows.
    if (kind === undefined) continue;
    yield new Entry(kind, JSON.parse(body) as KubeObject, {
      revision,
      simulation: simulation === null ? undefined : (JSON.parse(simulation) as JsonObject),
    });
  }
}
