/**
 * The logger that every room uses. pino implements it; `app.ts` gives each room a child logger.
 */

type LogFields = Readonly<Record<string, unknown>>;

/** `fields` contains the variable parts (`resourceId`, `operationId`, …); `message` is a constant string. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}
