/**
 * `edgetwin tour`: plays the story of the product, from a PUT to a billed, Arc-connected cluster and back to nothing,
 * against a running service or one of its own. Called by `cli.ts`. Leaves the service as it found it, apart from the
 * time that has passed there.
 */
import { randomUUID } from 'node:crypto';
import { between, type Duration, seconds, wallNow } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { ArmClient } from './arm-client.ts';
import { readBill } from './chapters/bill.ts';
import { connectArc, createCluster } from './chapters/cluster.ts';
import { clearAway, removeAll } from './chapters/farewell.ts';
import { activateDevice, createDevice, orderDevice } from './chapters/hardware.ts';
import { updateDevice } from './chapters/update.ts';
import { Guide } from './guide.ts';
import { type OwnService, startOwnService } from './own-service.ts';
import { type Place, placeOf } from './place.ts';
import { Screen } from './screen.ts';
import type { Outside } from './terminal.ts';

export interface TourOptions {
  /** Where a service must answer; undefined: the default address, or one of the tour's own. */
  readonly url: string | undefined;
  /** Start a service even if one answers at the default address. */
  readonly isOwn: boolean;
  /** Simulated seconds a wall second while the clock runs by itself. */
  readonly rate: number;
}

/** Four simulated minutes a second: a cluster takes some six seconds. */
export const TOUR_RATE = 240;
const DEFAULT_URL = 'http://127.0.0.1:8480';
const LONGEST_KNOCK = seconds(2);
const LONGEST_REGISTRATION = seconds(10);

const CHAPTERS: readonly ((guide: Guide, place: Place) => Promise<void>)[] = [
  createDevice,
  orderDevice,
  activateDevice,
  createCluster,
  connectArc,
  readBill,
  updateDevice,
  removeAll,
];

/** Plays the story; true when it came to its end. */
export async function tour(options: TourOptions, outside: Outside): Promise<boolean> {
  const screen = new Screen(outside.terminal);
  screen.title('Edgetwin', 'one appliance, from a PUT to a billed, Arc-connected cluster');
  let own: OwnService | undefined;
  try {
    const url = await runningService(options);
    own = url === undefined ? await startOwnService(outside.environment) : undefined;
    const base = url ?? own?.url ?? '';
    screen.say(
      own === undefined
        ? `The service at ${base} answers. Its clock is the tour's for the next half minute: some three weeks pass there.`
        : `A service of the tour's own is at ${base}, in memory, ready in ${own.readyMs} ms. It goes with the tour.`,
    );
    return await playOn(base, { options, outside, screen, isOwn: own !== undefined });
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
      AbortSignal.timeout(LONGEST_KNOCK),
    ).call('GET', '/_edgetwin/clock');
    if (status === 200 && typeof body.now === 'string') return url ?? DEFAULT_URL;
  } catch {
    // Nobody there, or somebody else; or one that wants callers to sign in, which the tour does not.
  }
  if (url !== undefined) throw new Error(`There is no Edgetwin at ${url} that lets everybody in.`);
  return undefined;
}

interface Stage {
  readonly options: TourOptions;
  readonly outside: Outside;
  readonly screen: Screen;
  readonly isOwn: boolean;
}

async function playOn(base: string, stage: Stage): Promise<boolean> {
  const { outside, screen, options } = stage;
  const place = placeOf(randomUUID().slice(0, 8));
  const client = new ArmClient(base, outside.interruption);
  const { body: clock } = await client.call('GET', '/_edgetwin/clock');
  const beganAt = wallNow();
  try {
    await client.call('PUT', `/_edgetwin/subscriptions/${place.subscription}`);
    await setClock(client, { rate: options.rate, frozen: false });
    await register(client, outside, place);
    screen.say(
      `Times at the right are simulated, from the tour's beginning; ${options.rate} seconds of them pass in one of yours.`,
    );
    const guide = await guideOf(client, stage);
    for (const chapter of CHAPTERS) await chapter(guide, place);
    const simulated = await guide.time();
    screen.say('');
    screen.say(
      `Done. Nothing is left behind: the addon, the cluster, the device, the group are gone.`,
    );
    screen.say(closingLine(between(beganAt, wallNow()), simulated), 'bold', 'green');
    return true;
  } catch (error) {
    screen.closeBar();
    screen.say(reasonOf(error), 'red');
    if (!stage.isOwn) {
      screen.say('The tour clears away what it has made; two weeks more pass there.', 'yellow');
      await clearAway(new ArmClient(base), place);
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

async function guideOf(client: ArmClient, { outside, screen }: Stage): Promise<Guide> {
  const parts = {
    client,
    screen,
    wait: async (length: Duration) => outside.wait(length),
    isWatched: outside.terminal.isInteractive,
  };
  const beganAt = await new Guide({ ...parts, beganAt: wallNow() }).now();
  return new Guide({ ...parts, beganAt });
}

/** Registers the providers of the story, for a service that insists on it. */
async function register(client: ArmClient, outside: Outside, place: Place): Promise<void> {
  for (const namespace of ['Microsoft.DataBoxEdge', 'Microsoft.Kubernetes']) {
    const provider = `/subscriptions/${place.subscription}/providers/${namespace}`;
    const until = wallNow() + LONGEST_REGISTRATION;
    let { body } = await client.call('POST', `${provider}/register`);
    while (body.registrationState !== 'Registered' && wallNow() < until) {
      await outside.wait(seconds(0.1));
      ({ body } = await client.call('GET', provider));
    }
  }
}

async function setClock(client: ArmClient, change: JsonObject): Promise<void> {
  await client.call('PUT', '/_edgetwin/clock', change);
}

const closingLine = (wall: Duration, simulated: string): string =>
  `The tour took ${Math.round(wall / 1000)} s of yours and ${simulated.slice(1)} h of the machine's.`;

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'AbortError') return 'Interrupted.';
  return error instanceof Error ? error.message : String(error);
}
