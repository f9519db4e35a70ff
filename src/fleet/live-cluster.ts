/**
 * One cluster in memory. Whatever is done to it is done at the clock's now, saved in the shared commit, and told to nobody before:
 * an answer waits until everything is saved that it could show. Made by `clusters.ts`.
 */
// eslint-disable-next-line no-restricted-syntax -- how much is done together is a matter of real time, as commits are
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane } from '#kubernetes/control-plane.ts';
import { isServing } from '#kubernetes/foundation.ts';
import type { RowChange } from '#kubernetes/objects/store.ts';
import { type Instant, monotonicNow } from '#shared/instant.ts';
import type { Database } from '#store/database.ts';
import {
  type KubernetesObjectName,
  type KubernetesObjectRow,
  saveKubernetesCluster,
} from '#store/kubernetes.ts';
import { clearTimer, setTimer } from '#store/timers.ts';
import { CLUSTER_TIMER } from './cluster-rows.ts';
import { Watches } from './watches.ts';

/** So much work of controllers, counted as the control plane does, before others have their turn: some three milliseconds. */
const WORK_AT_ONCE = 100;

/**
 * What falls due within this time, wall, of the last look is played together: pods on their way to Running have something to do every few
 * milliseconds, and each look costs a commit.
 */
const LOOK_EVERY_MS = 25;

/** How often, wall, what has been done of a longer piece of work is saved on the way: objects that change again soon are written once. */
const SAVE_EVERY_MS = 20;

/** The cluster is gone, or another process owns it now: the request may be put again. */
export class ClusterLostError extends Error {}

/** Another process has the cluster. */
export class ClusterElsewhereError extends Error {
  /** The process: the name of its lease. */
  readonly owner: string;
  /** Where that process takes requests to it; undefined: it takes none, and gives the cluster back soon. */
  readonly address: string | undefined;

  constructor(owner: string, address: string | undefined) {
    super('another process has the cluster');
    this.owner = owner;
    this.address = address;
  }
}

export interface LiveClusterParts {
  readonly id: string;
  readonly life: string;
  readonly plane: ControlPlane;
  readonly ownerNumber: number;
  readonly database: Database;
  readonly now: () => Instant;
  /** Whether time goes on by itself: nobody waits then for what falls due to be done at once. */
  readonly isTimeFree: () => boolean;
  /** Hands the plane what the appliance gives now; throws where there is no cluster any more. */
  readonly refresh: (plane: ControlPlane) => Promise<void> | undefined;
  /** It cannot be used any more. */
  readonly onLost: () => void;
}

export class LiveCluster {
  readonly plane: ControlPlane;
  readonly watches: Watches;
  readonly #parts: LiveClusterParts;
  #saving: Promise<void> | undefined;
  #nextSaving: Promise<void> | undefined;
  /** When its timer stands; undefined: not known, so it is written. */
  #timerAt: Instant | 'none' | undefined;
  /** When its last look at what had fallen due was over, by the monotonic clock. */
  #playedAt = 0;
  /** The way to the clock's now, where it is longer than one turn. */
  #playing: Promise<void> | undefined;
  /** What has fallen due is about to be played. */
  #isPlayPlanned = false;
  #isLost = false;
  #isWorking = false;

  constructor(parts: LiveClusterParts) {
    this.#parts = parts;
    this.plane = parts.plane;
    // What a new cluster begins with is not published yet.
    this.watches = new Watches(parts.plane.hasChanges ? 0 : parts.plane.revision);
  }

  get id(): string {
    return this.#parts.id;
  }

  get life(): string {
    return this.#parts.life;
  }

  /** Says which of its owners this is. */
  get ownerNumber(): number {
    return this.#parts.ownerNumber;
  }

  /** Whether it can leave memory. */
  get isIdle(): boolean {
    return (
      !this.watches.isWatched &&
      this.#saving === undefined &&
      !this.plane.hasChanges &&
      this.#playing === undefined &&
      !this.#isWorking
    );
  }

  /**
   * Does `work` at the clock's now, lets the controllers follow, and gives what it has come to once all of it is saved. `work` is
   * synchronous and may throw a refusal.
   */
  async run<T>(work: (plane: ControlPlane) => T): Promise<T> {
    const catchingUp = this.#catchUp();
    if (catchingUp !== undefined) {
      await catchingUp;
      if (this.#isLost) throw new ClusterLostError();
    }
    let outcome: { readonly value: T } | { readonly error: unknown };
    try {
      outcome = { value: work(this.plane) };
    } catch (error) {
      outcome = { error };
    }
    // While there is more to do than one turn allows, requests leave it where it is.
    if (!this.#isWorking && !this.plane.settle(WORK_AT_ONCE)) void this.#goOn();
    if (this.plane.hasChanges || this.#saving !== undefined) await this.saved();
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  /** Plays what has fallen due, and sets its timer anew. */
  async play(): Promise<void> {
    const wait = this.#playedAt + LOOK_EVERY_MS - monotonicNow();
    if (wait > 0 && this.#parts.isTimeFree()) {
      this.#isPlayPlanned = true;
      await sleep(wait);
      this.#isPlayPlanned = false;
    }
    this.#timerAt = undefined;
    await this.#catchUp();
    await this.#save();
    this.#playedAt = monotonicNow();
    // With the master's VM goes the API server, and all that is connected to it.
    if (!isServing(this.plane.world.foundation)) this.watches.end();
  }

  /** Brings the cluster to the clock's now, and to what its machine gives. Undefined where that is done at once. */
  refresh(): Promise<void> | undefined {
    return this.#catchUp();
  }

  /** Everything that has changed so far is saved. */
  async saved(): Promise<void> {
    if (this.plane.hasChanges) await this.#save();
    else if (this.#saving !== undefined) await (this.#nextSaving ?? this.#saving);
    if (this.#isLost) throw new ClusterLostError();
  }

  /** Ends everything that waits for it. */
  lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#parts.onLost();
    this.watches.end();
  }

  /** Undefined: there is nothing to wait for, as nearly always. */
  #catchUp(): Promise<void> | undefined {
    if (this.#isLost) throw new ClusterLostError();
    // With what its machine gave until now; what it gives from now on counts from now on.
    const advancing = this.#advance();
    if (advancing !== undefined) return this.#catchUpAfter(advancing);
    const refreshed = this.#refreshed();
    if (refreshed !== undefined) return this.#advanceAfter(refreshed);
    return this.plane.isAtRest ? undefined : this.#advance();
  }

  #refreshed(): Promise<void> | undefined {
    try {
      return this.#parts.refresh(this.plane);
    } catch (error) {
      this.lose();
      throw error;
    }
  }

  async #catchUpAfter(advancing: Promise<void>): Promise<void> {
    await advancing;
    if (this.#isLost) throw new ClusterLostError();
    await this.#advanceAfter(this.#refreshed());
  }

  async #advanceAfter(refreshed: Promise<void> | undefined): Promise<void> {
    try {
      await refreshed;
    } catch (error) {
      this.lose();
      throw error;
    }
    if (!this.plane.isAtRest) await this.#advance();
  }

  /** Plays up to the clock's now; all who wait for that wait for the same. */
  #advance(): Promise<void> | undefined {
    if (this.#playing !== undefined) return this.#playing;
    if (this.plane.advanceTo(this.#parts.now(), WORK_AT_ONCE)) return undefined;
    this.#playing = this.#playOn().finally(() => {
      this.#playing = undefined;
    });
    return this.#playing;
  }

  async #playOn(): Promise<void> {
    const { plane } = this;
    let hasChanged = false;
    const saveNowAndThen = this.#savingNowAndThen();
    do {
      hasChanged ||= plane.hasChanges;
      saveNowAndThen();
      await aTurn();
    } while (!this.#isLost && !plane.advanceTo(this.#parts.now(), WORK_AT_ONCE));
    // On the way the timer stood at what was still to be done.
    if (hasChanged || plane.hasChanges) void this.#save().catch(() => undefined);
  }

  /** Goes on where controllers had more to do than one turn allows. */
  async #goOn(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      const saveNowAndThen = this.#savingNowAndThen();
      do {
        await aTurn();
        saveNowAndThen();
      } while (!this.#isLost && !this.plane.settle(WORK_AT_ONCE));
      await this.#save();
    } catch {
      // Whoever waits for the cluster hears of it from its own save.
    } finally {
      this.#isWorking = false;
    }
  }

  /** Gives what is called after each part of a longer piece of work. */
  #savingNowAndThen(): () => void {
    let savedAt = monotonicNow();
    return () => {
      if (!this.plane.hasChanges || monotonicNow() - savedAt < SAVE_EVERY_MS) return;
      savedAt = monotonicNow();
      void this.#save().catch(() => undefined);
    };
  }

  /** Whether the timer need not be set for what is due: one that stands too early is moved when it finds nothing to do. */
  #isTimed(now: Instant, dueAt: Instant | undefined): boolean {
    const timerAt = this.#timerAt;
    if (timerAt === undefined) return false;
    if (timerAt === 'none') return dueAt === undefined;
    // Whoever plays what was due sets it anew.
    if (timerAt <= now) return this.#isPlayPlanned;
    return dueAt === undefined || timerAt <= dueAt;
  }

  /** One save at a time; what changes meanwhile goes with the next. */
  async #save(): Promise<void> {
    if (this.#saving === undefined) {
      this.#saving = this.#saveNow();
      await this.#saving;
      return;
    }
    this.#nextSaving ??= this.#saving
      .catch(() => undefined)
      .then(async () => {
        this.#nextSaving = undefined;
        this.#saving = this.#saveNow();
        await this.#saving;
      });
    await this.#nextSaving;
  }

  async #saveNow(): Promise<void> {
    const { id, database, ownerNumber } = this.#parts;
    // At the end of the turn: so the changes of one turn are one save.
    await aTurn();
    const { plane } = this;
    const { rows, events } = plane.takeChanges();
    const { revision } = plane;
    const playedTo = plane.world.now;
    const dueAt = plane.dueAt;
    const isTimed = this.#isTimed(playedTo, dueAt);
    const changed = [...rows.values()].flatMap(rowOf);
    const removed = [...rows.values()].flatMap(nameOf);
    try {
      if (rows.size > 0 || !isTimed) {
        const isOurs = await database.write(async (writer) => {
          const saving = { revision, playedTo, ownerNumber, changed, removed };
          if (!(await saveKubernetesCluster(writer, id, saving))) return false;
          if (isTimed) return true;
          if (dueAt === undefined) await clearTimer(writer, CLUSTER_TIMER, id);
          else await setTimer(writer, { kind: CLUSTER_TIMER, target: id, dueAt });
          return true;
        });
        if (!isOurs) throw new ClusterLostError();
      }
      if (!isTimed) this.#timerAt = dueAt ?? 'none';
      this.watches.publish(events, revision);
    } catch (error) {
      // What is in memory is ahead of what is stored: it is loaded anew.
      this.lose();
      throw error;
    } finally {
      this.#saving = undefined;
    }
  }
}

/** Lets others have their turn. */
export const aTurn = async (): Promise<void> => {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
};

function rowOf({ kind, namespace, name, entry }: RowChange): KubernetesObjectRow[] {
  if (entry === undefined) return [];
  const { revision, json, simulation } = entry;
  return [
    {
      resource: kind.key,
      namespace,
      name,
      revision,
      body: json,
      simulation: simulation === undefined ? null : JSON.stringify(simulation),
    },
  ];
}

const nameOf = ({ kind, namespace, name, entry }: RowChange): KubernetesObjectName[] =>
  entry === undefined ? [{ resource: kind.key, namespace, name }] : [];
