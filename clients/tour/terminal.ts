/**
 * What `cli.ts` passes to the tour: the terminal, real-time waiting, interruption, and the environment. The tour itself reads
 * no environment and sets no timers, so that tests can run it.
 */
import type { Duration } from '#shared/instant.ts';

export interface Terminal {
  write(text: string): void;
  /** Whether a line can be redrawn. */
  readonly isInteractive: boolean;
  readonly hasColour: boolean;
  readonly columns: number;
}

export interface Surroundings {
  readonly terminal: Terminal;
  /** Resolves after `length` of real time, or rejects when the tour is interrupted. */
  wait(length: Duration): Promise<void>;
  /** Aborted by Ctrl-C. */
  readonly interruption: AbortSignal;
  /** The environment of a service that the tour starts. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}
