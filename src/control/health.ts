/** The doors of whoever watches the service: `/health/live`, `/health/ready` and `/metrics`. Every process has them, whatever its role. */
import type { FastifyInstance } from 'fastify';
import type {} from '@fastify/swagger';
import type { Json, JsonObject } from '#shared/json.ts';
import { sendJson } from './answers.ts';
import type { Metrics } from './metrics.ts';

/** What one check of `/health/ready` finds. */
export interface Health {
  /** What is wrong; undefined: nothing is. */
  readonly problem?: string | undefined;
  /** More about it, for people. */
  readonly details?: Json;
}

export interface HealthParts {
  /** The checks by name. */
  readonly checks: Readonly<Record<string, () => Promise<Health>>>;
  /** What this process does. */
  readonly role: string;
  readonly metrics: Metrics;
}

export function mountHealth(door: FastifyInstance, { checks, role, metrics }: HealthParts): void {
  door.get(
    '/health/live',
    { schema: healthDoc('Answers while the process runs.') },
    (_request, reply) => sendJson(reply, 200, { status: 'live' }),
  );
  door.get(
    '/health/ready',
    { schema: healthDoc('200 when store, queue and pump work; 503 with what does not.') },
    async (_request, reply) => {
      const found: JsonObject = {};
      const details: JsonObject = { role };
      let isReady = true;
      for (const [name, check] of Object.entries(checks)) {
        const health = await check();
        found[name] = health.problem ?? 'ok';
        if (health.details !== undefined) details[name] = health.details;
        isReady &&= health.problem === undefined;
      }
      return sendJson(reply, isReady ? 200 : 503, {
        status: isReady ? 'ready' : 'not ready',
        checks: found,
        details,
        ...(isReady ? {} : { error: NOT_READY }),
      });
    },
  );
  door.get(
    '/metrics',
    {
      schema: healthDoc(
        'What this process and the database count, in the text format of Prometheus.',
      ),
    },
    async (_request, reply) => {
      const { type, text } = await metrics.text();
      return reply.header('cache-control', 'no-store').header('content-type', type).send(text);
    },
  );
}

/** As every answer with a status of 400 or more, this one has the envelope. */
const NOT_READY = { code: 'ServiceUnavailable', message: 'The service is not ready; see checks.' };

const healthDoc = (summary: string): object => ({ tags: ['Health'], summary });
