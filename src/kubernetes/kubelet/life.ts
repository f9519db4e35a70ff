/**
 * What a kubelet remembers of a pod between its steps: for each container where it is and when it goes on. It lies beside the pod
 * in its row and is seen by no client. The lengths of stages are data.
 */
import type { JsonObject } from '#shared/json.ts';

/** `queued`: its turn has not come; `pulling`, `backoff` of a pull or a crash; `blocked` on something missing; `running`; `done`. */
export type ContainerStage =
  | 'queued'
  | 'pulling'
  | 'pullBackoff'
  | 'blocked'
  | 'running'
  | 'crashBackoff'
  | 'done';

export interface ContainerLife {
  readonly stage: ContainerStage;
  /** Milliseconds; when the stage ends. Absent: by something else. */
  readonly until?: number;
  /** How often it has failed in a row: for the back-off. */
  readonly failures?: number;
  /** When what runs in it began to. */
  readonly startedAt?: number;
  /** When its readiness changes to true. */
  readonly readyAt?: number;
  /** When its liveness probe has failed often enough. */
  readonly unhealthyAt?: number;
}

export interface PodLife {
  /** When its sandbox and network stand. */
  readonly sandboxAt: number;
  readonly containers: Readonly<Record<string, ContainerLife>>;
  /** When its end is over; set as soon as it is being deleted. */
  readonly endsAt?: number;
}

export const lifeOf = (simulation: JsonObject | undefined): PodLife | undefined =>
  simulation as unknown as PodLife | undefined;
export const storedLife = (life: PodLife): JsonObject => life as unknown as JsonObject;

/** Milliseconds; sources: appliance.md 1.7 (pull 1 s after scheduling), kubernetes-facts.md 6.5; what is not stated is [ours]. */
export const LENGTHS = {
  /** From binding to a standing sandbox. */
  sandbox: 1000,
  /** From pulled to started. */
  start: 200,
  /** What an unknown image does as an init container. */
  init: 1000,
  /** From SIGTERM to the end of what takes it well. */
  stop: 1000,
  /** Until a missing ConfigMap or Secret is looked for again. */
  blocked: 10_000,
  /** First back-off of crashes and pulls, doubling up to the longest. */
  firstBackoff: 10_000,
  longestBackoff: 300_000,
  /** A container that ran so long begins its back-off anew. */
  forgiven: 600_000,
} as const;

export const backoffOf = (failures: number): number =>
  Math.min(LENGTHS.firstBackoff * 2 ** Math.max(0, failures - 1), LENGTHS.longestBackoff);
