/**
 * The named peer: Fastify with nothing behind it. It sends the bytes and headers that the service was seen to send, from
 * memory, on the same paths; the body of a PUT is parsed and dropped. Started by the bench with the answers as a file, and with a
 * certificate and its key as two more where it speaks TLS.
 */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import Fastify, { type FastifyInstance } from 'fastify';

export interface CannedAnswer {
  readonly method: 'GET' | 'PUT' | 'POST';
  /** With `:parameters`. */
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const [, , file = '', cert, key] = process.argv;
const answers = JSON.parse(readFileSync(file, 'utf8')) as CannedAnswer[];
const app = (
  cert === undefined || key === undefined
    ? Fastify({ routerOptions: { maxParamLength: 8192 } })
    : Fastify({ https: { cert: readFileSync(cert), key: readFileSync(key) } })
) as FastifyInstance;
for (const { method, path, status, headers, body } of answers) {
  app.route({
    method,
    url: path,
    handler: (_request, reply) => {
      void reply.code(status).headers(headers).send(body);
    },
  });
}
const origin = await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(
  `bare Fastify is at ${origin} (no store), ready in ${Math.round(performance.now())} ms\n`,
);
process.on('SIGTERM', () => void app.close());
