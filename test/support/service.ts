/**
 * The whole service in this process for one test: in-memory database, inline queue, frozen clock, fixed seed. No mocks.
 * A test says `await service.advance(minutes(25))`, and everything that falls due on the way is done when it returns.
 */
import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { type DestinationStream, pino } from 'pino';
import supertest from 'supertest';
import { buildService, type Service } from '#src/app.ts';
import { readConfig } from '#src/config.ts';
import type { Duration } from '#shared/instant.ts';
import { ArmClient } from './arm-client.ts';

/** Variables that describe the world of a test; each test may set its own on top. */
const WORLD = {
  EDGETWIN_DATA: ':memory:',
  EDGETWIN_CLOCK: 'frozen',
  EDGETWIN_CLOCK_START: '2026-03-02T09:00:00Z',
  EDGETWIN_SEED: 'test',
  EDGETWIN_LOG_LEVEL: 'fatal',
} as const;

/** Starts a service that ends with the test; its log goes to `lines`, and `openDoors` adds doors to its own, where given. */
export async function startService(
  test: Pick<TestContext, 'after'>,
  environment: Readonly<Record<string, string>> = {},
  {
    lines,
    openDoors,
  }: {
    readonly lines?: DestinationStream | undefined;
    readonly openDoors?: (server: Service['door']) => Promise<void>;
  } = {},
): Promise<ArmClient & { readonly service: Service }> {
  const config = readConfig({ ...WORLD, ...environment });
  const log = pino({ level: config.logLevel }, lines);
  const service = await buildService({ config, log, freshId: randomUUID() });
  test.after(async () => service.close());
  await openDoors?.(service.door);
  await service.start();
  const client = new ArmClient(supertest(service.door.server), async (length: Duration) =>
    service.pump.advance(length),
  );
  return Object.assign(client, { service });
}
