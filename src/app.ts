/**
 * The only place where rooms meet: builds each from the ones below it and mounts the doors. Called by `main.ts` and by
 * the tests (`test/support/service.ts`). No logic of its own.
 */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { forgetTree } from '#arm/forget.ts';
import { mountProvider, openDoor } from '#arm/http.ts';
import { plannerOf } from '#arm/planner.ts';
import type { Provider } from '#arm/provider.ts';
import { registryOf } from '#arm/resource-type.ts';
import { DEFAULT_PRICES, loadPrices, type Prices } from '#billing/prices.ts';
import { Control } from '#control/control.ts';
import { mountControl } from '#control/http.ts';
import { APPLIANCE_TIMER, Fleet } from '#fleet/fleet.ts';
import { Engine, OPERATION_TIMER } from '#operations/engine.ts';
import { mountPlatform } from '#platform/http.ts';
import { machineOf } from '#resources/base/machine.ts';
import type { Ports } from '#resources/base/ports.ts';
import { resourceTypes } from '#resources/index.ts';
import { Clock, type ClockBirth } from '#schedule/clock.ts';
import { Pump } from '#schedule/pump.ts';
import { InlineQueue } from '#schedule/queue-inline.ts';
import type { Queue } from '#schedule/queue.ts';
import type { Logger } from '#shared/logger.ts';
import { Database } from '#store/database.ts';
import { findOperation } from '#store/operations.ts';
import { emptyWorld } from '#store/reset.ts';
import { findResourceGroup, resourceGroupKey } from '#store/resource-groups.ts';
import { findResource, listResources } from '#store/resources.ts';
import { addSubscription } from '#store/subscriptions.ts';
import { worldValue } from '#store/world.ts';
import { loadMasterKey } from '#vault/at-rest.ts';
import { Vault } from '#vault/vault.ts';
import { type Config, ConfigError, programVersion } from './config.ts';

const DEVICE_TYPE = 'microsoft.databoxedge/databoxedgedevices';

/** The running service, in the order in which it must be closed. */
export interface Service {
  readonly door: FastifyInstance;
  readonly clock: Clock;
  readonly pump: Pump;
  readonly database: Database;
  readonly queueName: string;
  /** Stops taking requests, lets what runs finish, closes queue and store. */
  close(): Promise<void>;
}

export interface Outside {
  readonly config: Config;
  readonly log: Logger;
  /** A seed for a new world whose configuration names none. */
  readonly freshSeed: string;
}

/** Builds the whole service over its database and starts its pump. It does not listen yet. */
export async function buildService({ config, log, freshSeed }: Outside): Promise<Service> {
  const prices = await pricesOf(config);
  const database = Database.open(config.data);
  const birth: ClockBirth = {
    startAt: config.clockStart,
    rate: config.clockRate,
    isFrozen: config.isClockFrozen,
  };
  const clock = await Clock.open(database, birth);
  const seed = await worldValue(database, 'seed', config.seed ?? freshSeed);
  await listSubscriptionsOf(config, database, clock);
  const fleet = new Fleet(database, clock);
  const masterKey = await loadMasterKey(config.data === ':memory:' ? undefined : config.data);
  const vault = new Vault(database, clock, masterKey);
  const provider: Provider<Ports> = {
    database,
    clock,
    seed,
    registry: registryOf(resourceTypes),
    ports: portsOf(database, fleet, vault, { seed, activation: config.activation }),
    isAzureAsync: config.isAzureAsync,
    hasOpenSubscriptions: config.hasOpenSubscriptions,
    log,
  };
  const engine = new Engine({
    database,
    clock,
    seed,
    log,
    plan: plannerOf(provider),
    forget: async (resource, writer) => {
      await forgetTree(provider, resource, writer);
    },
  });
  const queue = await queueOf(config, seed, log);
  const pump = new Pump({ database, clock, queue, log });
  pump.on(OPERATION_TIMER, async (id) => engine.run(id));
  pump.on(APPLIANCE_TIMER, async (id) => fleet.play(id));
  const door = openDoor(log);
  await mountDocuments(door);
  const { forgetSubscriptions } = mountProvider(door, provider);
  mountPlatform(door, provider);
  const control = new Control({
    database,
    clock,
    pump,
    fleet,
    vault,
    prices,
    seed,
    findDevice: async (resourceId) => {
      const row = await findResource(database, resourceId.toLowerCase());
      return row?.type === DEVICE_TYPE && row.isVisible
        ? { resourceId: row.id, machine: machineOf(row, provider.ports) }
        : undefined;
    },
    deviceIds: async (subscriptionId) => {
      const rows = await listResources(database.reader, { type: DEVICE_TYPE, subscriptionId });
      return rows.map((row) => row.id);
    },
    reset: async () => {
      await pump.exclusively(async () => {
        await emptyWorld(database);
        fleet.forgetAll();
        forgetSubscriptions();
        await clock.restart(birth);
        await worldValue(database, 'seed', seed);
        await listSubscriptionsOf(config, database, clock);
      });
    },
  });
  mountControl(door, control, {
    store: async () => ((await database.isAlive()) ? undefined : 'the database does not answer'),
    queue: async () => ((await queue.isAlive()) ? undefined : 'the queue cannot be reached'),
    pump: async () => pump.problem(),
  });
  await door.ready();
  await pump.start();
  return {
    door,
    clock,
    pump,
    database,
    queueName: queue.name,
    close: async () => {
      await door.close();
      await pump.stop();
      await database.close();
    },
  };
}

async function pricesOf(config: Config): Promise<Prices> {
  if (config.pricesFile === undefined) return DEFAULT_PRICES;
  const loaded = await loadPrices(config.pricesFile);
  if ('prices' in loaded) return loaded.prices;
  const faults = loaded.faults.map((fault) => `${fault.target}: ${fault.message}`).join(' ');
  throw new ConfigError(`Configuration: EDGETWIN_PRICES=${config.pricesFile}: ${faults}`);
}

async function queueOf(config: Config, seed: string, log: Logger): Promise<Queue> {
  if (config.redisUrl === undefined) return new InlineQueue(log);
  // Loaded only where it is wanted: it costs start-up time and memory.
  const { BullMqQueue } = await import('#schedule/queue-bullmq.ts');
  const prefix = `edgetwin-${seed.replace(/[^A-Za-z0-9-]/g, '-')}`;
  return new BullMqQueue({ redisUrl: config.redisUrl, prefix }, log);
}

async function listSubscriptionsOf(
  config: Config,
  database: Database,
  clock: Clock,
): Promise<void> {
  if (config.subscriptions.length === 0) return;
  await database.write(async (writer) => {
    for (const id of config.subscriptions) await addSubscription(writer, id, clock.now());
  });
}

function portsOf(
  database: Database,
  fleet: Fleet,
  vault: Vault,
  settings: Pick<Ports, 'seed' | 'activation'>,
): Ports {
  return {
    fleet,
    vault,
    ...settings,
    findResource: async (key) => await findResource(database, key),
    resourcesMadeBy: async (origin, type) => await listResources(database.reader, { origin, type }),
    childrenOf: async (parent, type) => await listResources(database.reader, { parent, type }),
    hasResourceGroup: async (subscriptionId, name) =>
      (await findResourceGroup(database, resourceGroupKey(subscriptionId, name))) !== undefined,
    findOperation: async (id) => await findOperation(database, id),
  };
}

async function mountDocuments(door: FastifyInstance): Promise<void> {
  await door.register(swagger, {
    openapi: {
      openapi: '3.0.3',
      info: {
        title: 'Edgetwin',
        description: 'Microsoft.DataBoxEdge with a simulated appliance behind it.',
        version: programVersion(),
      },
    },
  });
  await door.register(swaggerUi, { routePrefix: '/docs' });
  door.get('/openapi.json', { schema: { hide: true } }, (_request, reply) => {
    void reply.send(door.swagger());
  });
}
