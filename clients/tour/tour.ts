/**
 * `edgetwin tour`: plays the story of one appliance, from a PUT to a billed, Arc-connected cluster and its removal, against
 * a running service or one that the tour starts. Afterwards the service is as it was before, apart from its simulated time.
 */
import { randomUUID } from 'node:crypto';
import { between, type Duration, seconds, wallNow } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { ArmClient } from './arm-client.ts';
import { readBill } from './chapters/bill.ts';
import { pullUplink } from './chapters/fault.ts';
import { connectArc, createCluster } from './chapters/cluster.ts';
import { removeRemains, removeAll } from './chapters/removal.ts';
import { activateDevice, createDevice, orderDevice } from './chapters/hardware.ts';
import { updateDevice } from './chapters/update.ts';
import { useCluster } from './chapters/workload.ts';
import { Guide } from './guide.ts';
import { type OwnService, startOwnService } from './own-service.ts';
import { type Place, placeOf } from './place.ts';
import { Screen } from './screen.ts';
import type { Surroundings } from './terminal.ts';

export interface TourOptions {
  /** The service's address; undefined: the default address, or else a service that the tour starts. */
  readonly url: string | undefined;
  /** Start a service even if one answers at the default address. */
  readonly isOwn: boolean;
  /** Simulated seconds per second of real time, while the clock runs by itself. */
  readonly rate: number;
}

/** Four simulated minutes per second: a cluster takes about six seconds. */
export const TOUR_RATE = 240;
const DEFAULT_URL = 'http://127.0.0.1:8480';
const DETECTION_TIMEOUT = seconds(2);
const REGISTRATION_TIMEOUT = seconds(10);

const CHAPTERS: readonly ((guide: Guide, place: Place) => Promise<void>)[] = [
  createDevice,
  orderDevice,
  activateDevice,
  createCluster,
  useCluster,
  connectArc,
  readBill,
  pullUplink,
  updateDevice,
  removeAll,
];

/** Plays the story; true where it is complete. */
export async function tour(options: TourOptions, surroundings: Surroundings): Promise<boolean> {
  const screen = new Screen(surroundings.terminal);
  screen.title('Edgetwin', 'one appliance, from a PUT to a billed, Arc-connected cluster');
  let own: OwnService | undefined;
  try {
    const url = await runningService(options);
    own = url === undefined ? await startOwnService(surroundings.environment) : undefined;
    const base = url ?? own?.url ?? '';
    screen.say(
      own === undefined
        ? `The service at ${base} answers. The tour controls its clock for half a minute and advances it by about three weeks.`
        : `The tour has started a service at ${base}, in memory, ready in ${own.readyMs} ms. It ends with the tour.`,
    );
    return await play(base, { options, surroundings, screen, isOwn: own !== undefined });
  } catch (error) {
    screen.closeBar();
    screen.say(reasonOf(error), 'red');
    return false;
  } finally {
    await own?.stop();
  }
}

/** The address of a service that answers, or undefined where the tour must start one. */
async function runningService({ url, isOwn }: TourOptions): Promise<string | undefined> {
  if (isOwn) return undefined;
  try {
    const { status, body } = await new ArmClient(
      url ?? DEFAULT_URL,
      AbortSignal.timeout(DETECTION_TIMEOUT),
    ).call('GET', '/_edgetwin/clock');
    if (status === 200 && typeof body.now === 'string') return url ?? DEFAULT_URL;
  } catch {
    // No service, another program, or a service that requires sign-in, which the tour does not support.
  }
  if (url !== undefined) throw new Error(`No Edgetwin answers at ${url}, or it requires sign-in.`);
  return undefined;
}

interface Stage {
  readonly options: TourOptions;
  readonly surroundings: Surroundings;
  readonly screen: Screen;
  readonly isOwn: boolean;
}

async function play(base: string, stage: Stage): Promise<boolean> {
  const { surroundings, screen, options } = stage;
  const place = placeOf(randomUUID().slice(0, 8));
  const client = new ArmClient(base, surroundings.interruption);
  const { body: clock } = await client.call('GET', '/_edgetwin/clock');
  const startedAt = wallNow();
  try {
    await client.call('PUT', `/_edgetwin/subscriptions/${place.subscription}`);
    await setClock(client, { rate: options.rate, frozen: false });
    await register(client, surroundings, place);
    screen.say(
      `Times on the right are simulated, from the start of the tour; ${options.rate} simulated seconds pass per second.`,
    );
    const guide = await guideOf(client, stage);
    for (const chapter of CHAPTERS) await chapter(guide, place);
    const simulated = await guide.time();
    screen.say('');
    screen.say(`Done. The addon, the cluster, the device and the group are gone.`);
    screen.say(closingLine(between(startedAt, wallNow()), simulated), 'bold', 'green');
    return true;
  } catch (error) {
    screen.closeBar();
    screen.say(reasonOf(error), 'red');
    if (!stage.isOwn) {
      screen.say(
        'The tour removes what it has created; this takes two more simulated weeks.',
        'yellow',
      );
      await removeRemains(new ArmClient(base), place);
    }
    return false;
  } finally {
    if (!stage.isOwn) {
      await setClock(new ArmClient(base), {
        rate: clock.rate ?? 60,
        frozen: clock.frozen ?? false,
      });
    }
  }
}

async function guideOf(client: ArmClient, { surroundings, screen }: Stage): Promise<Guide> {
  const parts = {
    client,
    screen,
    wait: async (length: Duration) => surroundings.wait(length),
    isWatched: surroundings.terminal.isInteractive,
  };
  const startedAt = await new Guide({ ...parts, startedAt: wallNow() }).now();
  return new Guide({ ...parts, startedAt });
}

/** Registers the resource providers, for a service that requires it. */
async function register(
  client: ArmClient,
  surroundings: Surroundings,
  place: Place,
): Promise<void> {
  for (const namespace of ['Microsoft.DataBoxEdge', 'Microsoft.Kubernetes']) {
    const provider = `/subscriptions/${place.subscription}/providers/${namespace}`;
    const until = wallNow() + REGISTRATION_TIMEOUT;
    let { body } = await client.call('POST', `${provider}/register`);
    while (body.registrationState !== 'Registered' && wallNow() < until) {
      await surroundings.wait(seconds(0.1));
      ({ body } = await client.call('GET', provider));
    }
  }
}

async function setClock(client: ArmClient, change: JsonObject): Promise<void> {
  await client.call('PUT', '/_edgetwin/clock', change);
}

const closingLine = (wall: Duration, simulated: string): string =>
  `The tour took ${Math.round(wall / 1000)} s; the simulated clock has advanced by ${simulated.slice(1)} h.`;

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'AbortError') return 'Interrupted.';
  return error instanceof Error ? error.message : String(error);
}
