/** HTTP without a client's courtesies: the path, the body and the headers go out as they are written here. */
import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface RawCall {
  readonly method: string;
  /** Path and query, sent as they stand: nothing is encoded, resolved or collapsed. */
  readonly path: string;
  /** Sent with its length and, unless `headers` say otherwise, as JSON; '' is sent as an empty body. */
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One call, on a connection of its own unless an agent keeps some. */
export async function callRaw(
  origin: string,
  call: RawCall,
  agent: Agent | false = false,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin);
  const { method, path, body } = call;
  const content =
    body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  const headers = { ...content, ...call.headers };
  return await new Promise<RawAnswer>((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers, agent }, (answer) => {
      text(answer)
        .then((read) => {
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: read });
        })
        .catch(reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
