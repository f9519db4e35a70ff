/**
 * What the tour needs of the world around it, handed in by `cli.ts`: a place to write to, and the wall's waiting. So the
 * rest of this room reads no environment, sets no timer and can be watched by a test.
 */
import type { Duration } from '#shared/instant.ts';

export interface Terminal {
  write(text: string): void;
  /** True where a line can be drawn over; elsewhere each line is written once and stays. */
  readonly isInteractive: boolean;
  readonly hasColour: boolean;
  readonly columns: number;
}

export interface Outside {
  readonly terminal: Terminal;
  /** Ends after `length` of wall time, or rejects as soon as the tour is interrupted. */
  wait(length: Duration): Promise<void>;
  /** Aborted by Ctrl-C. */
  readonly interruption: AbortSignal;
  /** The environment that a service of the tour's own begins from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}
