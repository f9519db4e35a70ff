/** What every room may ask of a log. pino fits it; a room gets a child of its own from `app.ts`. */

type LogFields = Readonly<Record<string, unknown>>;

/** `fields` carry the keys (`resourceId`, `operationId`, …); `message` is a constant string. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}
