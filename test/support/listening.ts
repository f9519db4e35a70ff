/** The whole service of `service.ts`, listening on a free port of this machine: what published clients are pointed at. */
import type { TestContext } from 'node:test';
import type { DestinationStream } from 'pino';
import type { Service } from '#src/app.ts';
import type { ArmClient } from './arm-client.ts';
import { startService } from './service.ts';

/** A service at its address, with a client by hand for what the client under test does not cover. */
export type ListeningService = ArmClient & {
  readonly service: Service;
  /** `http://127.0.0.1:{port}`. */
  readonly origin: string;
};

/** Starts a service that listens until the test ends. */
export async function startListening(
  test: Pick<TestContext, 'after'>,
  environment: Readonly<Record<string, string>> = {},
  lines?: DestinationStream,
): Promise<ListeningService> {
  const arm = await startService(test, environment, { lines });
  const origin = await arm.service.door.listen({ host: '127.0.0.1', port: 0 });
  return Object.assign(arm, { origin });
}
