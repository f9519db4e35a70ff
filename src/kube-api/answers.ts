/** Writes answers: JSON or YAML texts, with the headers of the real server. */
import type { ServerResponse } from 'node:http';
import { stringify } from 'yaml';
import { atEndOfTurn } from '#shared/end-of-turn.ts';
import type { Status } from '#kubernetes/status.ts';

export interface Answer {
  readonly code: number;
  /** JSON. */
  readonly text: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Texts for people, sent beside the answer. */
  readonly warnings?: readonly string[];
}

/** A text as a quoted string of a header, in which only ASCII may stand. */
const quoted = (text: string): string =>
  JSON.stringify(text).replace(/[^\x20-\x7e]/g, (sign) => encodeURIComponent(sign));

interface Form {
  readonly isYaml?: boolean;
  readonly isHead?: boolean;
}

/** Sends an answer at the end of the turn; throws where it cannot be written down. */
export function send(
  response: ServerResponse,
  { code, text, type, headers, warnings = [] }: Answer,
  { isYaml = false, isHead = false }: Form = {},
): void {
  const body = isYaml ? stringify(JSON.parse(text)) : text;
  const head = {
    'Cache-Control': 'no-cache, private',
    'Content-Type': isYaml ? 'application/yaml' : (type ?? 'application/json'),
    'Content-Length': Buffer.byteLength(body),
    ...(warnings.length === 0
      ? {}
      : { Warning: warnings.map((warning) => `299 - ${quoted(warning)}`) }),
    ...headers,
  };
  atEndOfTurn(() => {
    if (response.headersSent || response.destroyed) return;
    try {
      response.writeHead(code, head);
      response.end(isHead ? undefined : body);
    } catch {
      // A connection without an answer must not stay open.
      response.destroy();
    }
  });
}

export const answerOfStatus = (status: Status): Answer => ({
  code: status.code ?? 200,
  text: JSON.stringify(status),
  ...(status.details?.retryAfterSeconds === undefined
    ? {}
    : { headers: { 'Retry-After': String(status.details.retryAfterSeconds) } }),
});
