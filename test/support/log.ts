/** A log for parts that are tested alone: it keeps what it is told. */
import type { Logger } from '#shared/logger.ts';

export interface KeptLog extends Logger {
  /** Messages of level error, in order. */
  readonly errors: string[];
}

export function keptLog(): KeptLog {
  const errors: string[] = [];
  const nothing = (): void => undefined;
  const error = (_fields: unknown, message: string): void => {
    errors.push(message);
  };
  return { errors, debug: nothing, info: nothing, warn: nothing, error };
}
