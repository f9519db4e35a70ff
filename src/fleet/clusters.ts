/**
 * Where clusters live: loaded when somebody needs one, saved in the shared commit, gone from memory when nobody uses it. A cluster
 * that nobody has opened has no row; its objects begin, by its seed, at the moment at which its role was created. One process at a
 * time has a cluster in memory; the others hand to it what they are asked for (docs/decisions/0019).
 */
import type { Overview } from '#appliance/observation.ts';
import { ControlPlane } from '#kubernetes/control-plane.ts';
import { kindOf } from '#kubernetes/kinds/index.ts';
import { Entry } from '#kubernetes/objects/entry.ts';
import type { KubeObject } from '#kubernetes/objects/object.ts';
import type { Clock } from '#schedule/clock.ts';
import { monotonicNow } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import type { Logger } from '#shared/logger.ts';
import { guid } from '#shared/random.ts';
import type { Database } from '#store/database.ts';
import {
  findKubernetesCluster,
  giveKubernetesClusterBack,
  type KubernetesClusterRow,
  type KubernetesObjectRow,
  listKubernetesObjects,
  ownerNumbersOf,
  putKubernetesCluster,
  removeKubernetesCluster,
} from '#store/kubernetes.ts';
import { clearTimer } from '#store/timers.ts';
import { CLUSTER_TIMER } from './cluster-rows.ts';
import type { Fleet, MachineHandle } from './fleet.ts';
import { foundationOf } from './foundation.ts';
import { aTurn, ClusterElsewhereError, ClusterLostError, LiveCluster } from './live-cluster.ts';
import { Ownership } from './ownership.ts';
import { waitForOther } from './other-process.ts';

export { CLUSTER_TIMER } from './cluster-rows.ts';
export { ClusterElsewhereError, ClusterLostError, type LiveCluster } from './live-cluster.ts';
export type { Watcher } from './watches.ts';

/** Clusters that nobody watches leave memory when there are more than these, and when nobody has used them for that long. */
const MAX_LIVE = 16;
const MAX_REST_MS = 5 * 60_000;
/** Who has just been given a cluster may be about to use it. */
const MIN_REST_MS = 1000;

/** For so long after the clock was set, wall, somebody may be moving it on from one due moment to the next. */
const SETTLING_MS = 250;

/** Names one cluster: the appliance, and the life of its cluster. */
export interface ClusterName {
  readonly id: string;
  readonly life: string;
}

export interface ClustersParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly fleet: Fleet;
  readonly log: Logger;
  /** PEM of what clients inside a cluster trust. */
  readonly rootCertificates: (cluster: ClusterName) => Promise<string>;
  /** Where other processes reach this one; undefined: nowhere. */
  readonly address: () => string | undefined;
  /** Lets the process that has a cluster play what has fallen due in it. False: it has it no more, or is away. */
  readonly playAt: (owner: ClusterElsewhereError, id: string) => Promise<boolean>;
  /** False: a cluster is given back as soon as it was played, since nobody asks this process for it. */
  readonly keeps: boolean;
}

interface Held {
  readonly opening: Promise<LiveCluster | undefined>;
  usedAt: number;
}

export class Clusters {
  readonly #parts: ClustersParts;
  readonly #ownership: Ownership;
  /** The least recently used first. */
  readonly #live = new Map<string, Held>();
  /** Where clusters of other processes are, as was last seen. */
  readonly #elsewhere = new Map<string, ClusterElsewhereError>();
  /** When the clock was last set, by the monotonic clock. */
  #clockSetAt = 0;
  /** A look whether the clusters in memory are still this process's own. */
  #verifying: Promise<void> | undefined;

  constructor(parts: ClustersParts) {
    this.#parts = parts;
    this.#ownership = new Ownership(parts, () => {
      this.forgetAll();
    });
    parts.clock.onChange(() => {
      this.#clockSetAt = monotonicNow();
      // Whoever empties the world sets its clock: what is in memory may be gone.
      if (parts.database.isShared && this.#live.size > 0) void this.#verify();
    });
  }

  /** Resolves when the time that clusters are shown at is not older than this call; undefined: at once. */
  upToDate(): Promise<void> | undefined {
    return this.#parts.clock.upToDate();
  }

  /** The cluster of an appliance; undefined where it has none. Rejects with `ClusterElsewhereError` where another process has it. */
  async open(id: string): Promise<LiveCluster | undefined> {
    if (this.#verifying !== undefined) await this.#verifying;
    if (!this.#ownership.isValid) this.forgetAll();
    const elsewhere = this.#elsewhere.get(id);
    if (elsewhere !== undefined) throw elsewhere;
    const known = this.#live.get(id);
    const held = known ?? { opening: this.#load(id), usedAt: 0 };
    held.usedAt = monotonicNow();
    this.#live.delete(id);
    this.#live.set(id, held);
    try {
      const cluster = await held.opening;
      // Opening may take its time, and whoever waited for it uses it from here on.
      held.usedAt = monotonicNow();
      if (cluster === undefined) this.#forget(id, held);
      else if (known === undefined && this.#live.size > MAX_LIVE) await this.dropUnused();
      return cluster;
    } catch (error) {
      this.#forget(id, held);
      if (error instanceof ClusterElsewhereError && error.address !== undefined) {
        this.#elsewhere.set(id, error);
      }
      throw error;
    }
  }

  /** Whether a process may still have clusters, by the name of its lease. */
  async isAlive(owner: string): Promise<boolean> {
    return await this.#ownership.isAlive(owner);
  }

  /** The process that was said to have the cluster has it no more, or does not answer: the next look reads who has it. */
  notThere(id: string): void {
    this.#elsewhere.delete(id);
  }

  /** Plays what has fallen due in a cluster. The handler of `CLUSTER_TIMER`. */
  async play(id: string): Promise<void> {
    for (const beganAt = monotonicNow(); ; ) {
      try {
        const cluster = await this.open(id);
        if (cluster === undefined) break;
        await cluster.play();
        if (!this.#parts.keeps) await this.#drop(id);
        return;
      } catch (error) {
        if (error instanceof ClusterElsewhereError) {
          if (error.address !== undefined && (await this.#parts.playAt(error, id))) return;
          this.notThere(id);
        }
        // Another process had it, or it is gone: both are seen when it is opened again.
        else if (!(error instanceof ClusterLostError)) throw error;
        if (!(await waitForOther(beganAt))) throw error;
      }
    }
    await this.#parts.database.write(async (writer) => clearTimer(writer, CLUSTER_TIMER, id));
  }

  /** Drops every cluster: the world was emptied, or they may be another process's. */
  forgetAll(): void {
    for (const { opening } of this.#live.values()) {
      void opening.then(
        (cluster) => cluster?.lose(),
        () => undefined,
      );
    }
    this.#live.clear();
    this.#elsewhere.clear();
  }

  /** Drops clusters that nobody uses. Called now and then. */
  async dropUnused(): Promise<void> {
    const now = monotonicNow();
    for (const [id, { usedAt }] of [...this.#live]) {
      const longest = this.#live.size > MAX_LIVE ? MIN_REST_MS : MAX_REST_MS;
      if (now - usedAt < longest) return;
      await this.#dropIfIdle(id);
    }
  }

  /** Gives back what this process holds. */
  async close(): Promise<void> {
    await Promise.all([...this.#live.keys()].map(async (id) => this.#drop(id)));
    await this.#ownership.close();
  }

  async #dropIfIdle(id: string): Promise<void> {
    const held = this.#live.get(id);
    if ((await held?.opening)?.isIdle !== true || this.#live.get(id) !== held) return;
    if (held !== undefined && monotonicNow() - held.usedAt >= MIN_REST_MS) await this.#drop(id);
  }

  /** Lets a cluster leave memory, and says so, for whoever needs it next. */
  async #drop(id: string): Promise<void> {
    const held = this.#live.get(id);
    if (held === undefined) return;
    this.#live.delete(id);
    const cluster = await held.opening.catch(() => undefined);
    if (cluster === undefined) return;
    // It takes no change from here on; what it has taken is saved first.
    await cluster.saved().catch(() => undefined);
    cluster.lose();
    if (this.#ownership.name === null) return;
    await this.#parts.database.write(async (writer) =>
      giveKubernetesClusterBack(writer, id, cluster.ownerNumber),
    );
  }

  #forget(id: string, held: Held): void {
    if (this.#live.get(id) === held) this.#live.delete(id);
  }

  /** Loses the clusters whose rows say that they are another's, or are gone. */
  #verify(): Promise<void> {
    const verifying = (this.#verifying ?? Promise.resolve())
      .then(async () => {
        const numbers = await ownerNumbersOf(this.#parts.database.reader, [...this.#live.keys()]);
        for (const [id, held] of [...this.#live]) {
          const cluster = await held.opening.catch(() => undefined);
          if (cluster !== undefined && numbers.get(id) !== cluster.ownerNumber) cluster.lose();
        }
      })
      .catch(() => {
        this.forgetAll();
      })
      .finally(() => {
        if (this.#verifying === verifying) this.#verifying = undefined;
      });
    this.#verifying = verifying;
    return verifying;
  }

  async #load(id: string): Promise<LiveCluster | undefined> {
    const { fleet, database, clock, rootCertificates } = this.#parts;
    const machine = await fleet.handleOf(id);
    if (machine === undefined) return undefined;
    const overview = await fleet.overview(machine);
    if (overview.cluster === undefined) return undefined;
    const { createdAt } = overview.cluster;
    const { seed } = machine.spec;
    const life = guid(seed, 'kubernetes', createdAt);
    const certificates = await rootCertificates({ id, life });
    const foundation = foundationOf(overview, certificates);
    if (foundation === undefined) return undefined;
    const row = await this.#takeOver(id, { life, playedTo: createdAt });
    const objects = await listKubernetesObjects(database.reader, id);
    const plane = new ControlPlane({
      seed: `${seed} ${life}`,
      foundation,
      ...(objects.length === 0
        ? {}
        : {
            saved: {
              revision: row.revision,
              playedTo: row.playedTo,
              entries: await entriesOf(objects),
            },
          }),
    });
    const cluster = new LiveCluster({
      id,
      life,
      plane,
      ownerNumber: row.ownerNumber,
      database,
      now: () => clock.now(),
      isTimeFree: () => !clock.isFrozen && monotonicNow() - this.#clockSetAt > SETTLING_MS,
      refresh: this.#refreshing(machine, { overview, certificates }),
      onLost: () => {
        if (this.#live.get(id)?.opening === opening) this.#live.delete(id);
      },
    });
    const opening = this.#live.get(id)?.opening;
    return cluster;
  }

  /** Makes the cluster this process's own, unless another one has it; its row is made where there is none of this life. */
  async #takeOver(
    id: string,
    { life, playedTo }: Pick<KubernetesClusterRow, 'life' | 'playedTo'>,
  ): Promise<KubernetesClusterRow> {
    const { database } = this.#parts;
    const ownership = this.#ownership;
    await ownership.begin();
    const seen = await findKubernetesCluster(database.reader, id);
    const other = seen?.owner === ownership.name ? null : (seen?.owner ?? null);
    if (other !== null && (await ownership.isAlive(other))) {
      throw new ClusterElsewhereError(other, seen?.ownerAddress ?? undefined);
    }
    const taken = await database.write(async (writer) => {
      const found = await findKubernetesCluster(writer, id);
      const isAsSeen = found?.owner === seen?.owner && found?.ownerNumber === seen?.ownerNumber;
      if (!isAsSeen && ownership.name !== null) return undefined;
      if (other !== null) await ownership.revoke(writer, other);
      if (found !== undefined && found.life !== life) await removeKubernetesCluster(writer, id);
      const ownerNumber = (found?.ownerNumber ?? 0) + 1;
      const owner = { ownerNumber, owner: ownership.name, ownerAddress: ownership.address };
      const row =
        found?.life === life ? { ...found, ...owner } : { life, playedTo, revision: 1, ...owner };
      await putKubernetesCluster(writer, id, row);
      return row;
    });
    // Another process was faster: whoever asks looks again.
    if (taken === undefined || !ownership.isValid) throw new ClusterLostError();
    return taken;
  }

  /** Hands a cluster what its machine gives now, where that has changed since the last time. */
  #refreshing(
    machine: MachineHandle,
    first: { readonly overview: Overview; readonly certificates: string },
  ): (plane: ControlPlane) => Promise<void> | undefined {
    const { fleet } = this.#parts;
    let last = first.overview;
    let text = JSON.stringify(foundationOf(last, first.certificates));
    const take = (plane: ControlPlane, overview: Overview): void => {
      last = overview;
      const foundation = foundationOf(overview, first.certificates);
      if (foundation?.createdAt !== plane.world.foundation.createdAt) throw new ClusterLostError();
      const next = JSON.stringify(foundation);
      if (next === text) return;
      text = next;
      plane.setFoundation(foundation);
    };
    return (plane) => {
      const cached = fleet.cachedOverview(machine);
      if (cached === last) return undefined;
      if (cached !== undefined) {
        take(plane, cached);
        return undefined;
      }
      return fleet.overview(machine).then((overview) => {
        take(plane, overview);
      });
    };
  }
}

/** Rows that are read before others have their turn. */
const ROWS_AT_ONCE = 500;

async function entriesOf(rows: readonly KubernetesObjectRow[]): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const [index, { resource, revision, body, simulation }] of rows.entries()) {
    if (index % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await aTurn();
    const at = resource.indexOf('/');
    const kind = kindOf(resource.slice(0, at), resource.slice(at + 1));
    // A kind that this release does not serve stays in its rows.
    if (kind === undefined) continue;
    const version = {
      revision,
      simulation: simulation === null ? undefined : (JSON.parse(simulation) as JsonObject),
    };
    entries.push(new Entry(kind, JSON.parse(body) as KubeObject, version));
  }
  return entries;
}
