/**
 * The place where rooms meet: builds each from the ones below it, and passes everything behind the doors to `doors.ts`. Called by `main.ts` and by
 * the tests (`test/support/service.ts`). No logic of its own.
 */
import { BILLED_KINDS, DELETED_KIND, MOVED_KIND } from '#billing/billing-state.ts';
import type { FastifyInstance } from 'fastify';
import { forgetting } from '#arm/cascade-delete.ts';
import { openServer } from '#arm/door.ts';
import { ERAS } from '#arm/eras.ts';
import { isLoopback } from '#arm/hosts.ts';
import { plannerOf } from '#arm/planner.ts';
import type { PlatformRoute } from '#arm/platform-route.ts';
import type { Hook, Provider } from '#arm/provider.ts';
import type { TlsPair } from '#arm/two-protocols.ts';
import { registryOf, type RowOf } from '#arm/resource-type.ts';
import { Control } from '#control/control.ts';
import { Metrics } from '#control/metrics.ts';
import { HISTORY_TIMER, shortenHistory } from '#deployments/history-limit.ts';
import type { DeploymentParts } from '#deployments/parts.ts';
import { deploymentPlanner } from '#deployments/planner.ts';
import { deploymentRoutes } from '#deployments/routes.ts';
import { CLUSTER_TIMER } from '#fleet/clusters.ts';
import { APPLIANCE_TIMER, Fleet } from '#fleet/fleet.ts';
import { roleRoutes } from '#identity/access/routes.ts';
import { resourceGraphRoutes } from '#resource-graph/routes.ts';
import { type Identity, openIdentity } from '#identity/identity.ts';
import type { NewAdministrator } from '#identity/sign-in/clients.ts';
import { LocalApi } from '#local-api/local-api.ts';
import { monitorRoutes } from '#monitor/routes.ts';
import { Engine } from '#operations/engine.ts';
import { OPERATION_TIMER } from '#operations/outcome.ts';
import { beginRetention, retain, RETENTION_TIMER } from '#operations/retention.ts';
import { platformHooks } from '#platform/hooks.ts';
import { lockRoutes } from '#platform/locks.ts';
import { platformPlanner } from '#platform/planner.ts';
import { resourceGroupRoutes } from '#platform/resource-groups.ts';
import { tagRoutes } from '#platform/tags.ts';
import { Throttle } from '#platform/throttle.ts';
import type { Ports } from '#resources/base/ports.ts';
import { DEVICE_LOCATIONS } from '#resources/base/skus.ts';
import { resourceTypes } from '#resources/index.ts';
import { Clock, type InitialClock } from '#schedule/clock.ts';
import { Pump } from '#schedule/pump.ts';
import { InlineQueue } from '#schedule/queue-inline.ts';
import type { Queue } from '#schedule/queue.ts';
import { resourceGroupKey } from '#shared/arm-id.ts';
import { type Instant, wallNow } from '#shared/instant.ts';
import type { Logger } from '#shared/logger.ts';
import { Database, type Writer } from '#store/database.ts';
import { fillListColumns } from '#store/list-columns.ts';
import { findOperation } from '#store/operations.ts';
import { emptyWorld } from '#store/reset.ts';
import { findResourceGroup } from '#store/resource-groups.ts';
import { findResources } from '#store/resource-lists.ts';
import { findResource, findResourcesByKey } from '#store/resources.ts';
import { addSubscription } from '#store/subscriptions.ts';
import { worldValue } from '#store/world.ts';
import { CertificateAuthority } from '#vault/certificate-authority.ts';
import { openVault } from '#vault/open-vault.ts';
import { bindSecretsToIncarnations } from '#vault/stored-secrets.ts';
import type { Vault } from '#vault/vault.ts';
import { type ClusterServices, clusterServicesOf } from './clusters.ts';
import type { Config } from './config.ts';
import { controlPorts } from './control-ports.ts';
import { openDoorsOf } from './doors.ts';
import { healthChecksOf } from './health-checks.ts';
import { pricesOf } from './prices.ts';

/** What the journal never drops: what is billed, moves of what is billed, and what ids are counted by. */
const JOURNAL_RULES = {
  kept: [...BILLED_KINDS, MOVED_KIND, 'support.requested', 'fault.injected', 'campaign.began'],
  passing: 'operation.',
  ends: DELETED_KIND,
};

/** Of an open world, where any other comes into being on first use: a client that lists subscriptions must see one (az). */
const OPEN_SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';

/** The service, built over its database. It serves nothing and does nothing before it is started. */
export interface Service {
  /** Further doors may be registered on it until the service is started, each in a scope of its own. */
  readonly door: FastifyInstance;
  readonly clock: Clock;
  readonly pump: Pump;
  readonly database: Database;
  readonly queueName: string;
  /** Whether the queue can be reached. */
  readonly isQueueAlive: () => Promise<boolean>;
  /** Who the certificate of HTTPS is from. */
  readonly authority: CertificateAuthority;
  /** Created at this start; its secret must be printed now, since it is not stored. */
  readonly newAdministrator: NewAdministrator | undefined;
  /** Makes the doors ready, unless they listen already, and starts the pump. */
  start(): Promise<void>;
  /** Stops taking requests, lets what runs finish, closes queue and store. */
  close(): Promise<void>;
}

export interface Outside {
  readonly config: Config;
  readonly log: Logger;
  /** A GUID that no world had: a new one's id, and its seed where the configuration names none. */
  readonly freshId: string;
}

/** Builds the whole service over its database. */
export async function buildService(outside: Outside): Promise<Service> {
  const { config, log } = outside;
  const world = await openWorld(outside);
  const { database, clock, fleet, vault } = world;
  const authority = authorityOf(world, config);
  const identity = await identityOf(world, config);
  const provider = providerOf(world, outside, identity);
  const queue = await queueOf(config, world.id, log);
  const roles = roleRoutes({ database, now: () => clock.now() }, identity.access);
  const queries = resourceGraphRoutes(provider, identity.access);
  const deployments = deploymentsOf(provider, vault, roles);
  const door = serverOf(config, provider, authority);
  const ports = controlPorts(provider);
  const around = { ...world, ...ports, authority, log };
  const clusters = clusterServicesOf(around, door.server, config);
  const works = config.role !== 'api';
  const pump = pumpOf(provider, { deployments, fleet, queue, clusters, works });
  const control = controlOf(world, outside, { provider, pump, clusters });
  const metrics = new Metrics({ database, clock, pump, queue });
  await openDoorsOf(config.role, door, {
    provider,
    routes: [
      ...roles,
      ...deploymentRoutes(deployments),
      ...queries,
      ...monitorRoutes({ ...world, ...ports }),
    ],
    identity,
    pages: { isEvery: config.isSignInRequired, origins: config.pageOrigins },
    throttle: throttleOf(config),
    certificate: async () => authority.certificate(),
    control,
    localApi: new LocalApi({ fleet, vault, ...ports }),
    clusters,
    health: { checks: healthChecksOf({ database, queue, pump }), role: config.role, metrics },
  });
  return {
    door,
    clock,
    pump,
    database,
    queueName: queue.name,
    isQueueAlive: async () => queue.isAlive(),
    authority,
    newAdministrator: identity.newAdministrator,
    start: async () => {
      await door.ready();
      await pump.start();
    },
    close: async () => {
      await door.close();
      metrics.close();
      await pump.stop();
      await clusters.close();
      await closeWorld(world, log);
    },
  };
}

function controlOf(
  world: World,
  { config }: Outside,
  {
    provider,
    pump,
    clusters,
  }: { readonly provider: Provider; readonly pump: Pump; readonly clusters: ClusterServices },
): Control {
  const { database, clock, fleet, vault, seed } = world;
  return new Control({
    ...{ database, clock, pump, fleet, vault, seed },
    prices: pricesOf(config),
    ...controlPorts(provider),
    reset: async () => reset(world, config, { pump, clusters }),
  });
}

function serverOf(
  { names, host, proxies }: Config,
  { log, era }: Provider,
  authority: CertificateAuthority,
): FastifyInstance {
  const tls = async (): Promise<TlsPair> => authority.serverPair();
  const hosts = { names, isEveryAddress: !isLoopback(host) };
  return openServer(log, { tls, era, hosts, proxies });
}

/** What the verbs work with. The hooks need it themselves, so they are put in last. */
function providerOf(world: World, { config, log }: Outside, identity: Identity): Provider {
  const hooks: Hook[] = [];
  const provider: Provider = {
    database: world.database,
    clock: world.clock,
    seed: world.seed,
    registry: registryOf(resourceTypes(portsOf(world, config))),
    era: ERAS[config.era],
    isAzureAsync: config.isAzureAsync,
    hasOpenSubscriptions: config.hasOpenSubscriptions,
    isRegistrationEnforced: config.isRegistrationEnforced,
    hasLooseVersions: config.hasLooseVersions,
    showsSystemData: config.showsSystemData,
    hooks,
    log,
  };
  hooks.push(...platformHooks(provider, identity));
  return provider;
}

const folderOf = ({ data }: Config): string | undefined => (data === ':memory:' ? undefined : data);

function authorityOf({ vault }: World, config: Config): CertificateAuthority {
  return new CertificateAuthority({
    vault,
    names: config.names,
    folder: folderOf(config),
    now: wallNow,
  });
}

async function identityOf(
  { database, vault, seed, clock }: World,
  config: Config,
): Promise<Identity> {
  const { isSignInRequired: isRequired, clients, names } = config;
  const now = (): Instant => clock.now();
  return await openIdentity({ database, vault, seed, now, isRequired, clients, names });
}

const throttleOf = ({ throttle }: Config): Throttle | undefined =>
  throttle === undefined ? undefined : new Throttle(throttle, wallNow);

/** What lives in the database: the clock, the machines, the secrets, the seed that all draws begin with. */
interface World {
  /** Tells worlds of one seed apart, where they share a Redis. */
  readonly id: string;
  readonly database: Database;
  readonly clock: Clock;
  readonly fleet: Fleet;
  readonly vault: Vault;
  readonly seed: string;
}

async function openWorld({ config, freshId, log }: Outside): Promise<World> {
  const database = await Database.open(config.databaseUrl ?? config.data);
  await fillListColumns(database);
  const clock = await Clock.open(database, initialClockOf(config));
  const id = await worldValue(database, 'id', freshId);
  const seed = await worldValue(database, 'seed', config.seed ?? freshId);
  await database.write(async (writer) => beginWorld(config, writer, clock.now()));
  const vault = await openVault(database, {
    folder: folderOf(config),
    masterKey: config.masterKey,
    now: () => clock.now(),
  });
  await bindSecretsToIncarnations(database, vault);
  return {
    id,
    database,
    clock,
    fleet: new Fleet(database, clock, log),
    vault,
    seed,
  };
}

/** Stores where the clock is, and closes the database. */
async function closeWorld({ clock, database }: World, log: Logger): Promise<void> {
  await clock.keepMoment().catch((error: unknown) => {
    log.warn({ err: error }, 'the last moment could not be stored');
  });
  clock.close();
  await database.close();
}

const initialClockOf = (config: Config): InitialClock => ({
  startAt: config.clockStart,
  rate: config.clockRate,
  isFrozen: config.isClockFrozen,
});

const deploymentsOf = (
  provider: Provider,
  vault: Vault,
  roles: readonly PlatformRoute[],
): DeploymentParts => ({
  provider,
  vault,
  platformRoutes: [
    ...resourceGroupRoutes(provider),
    ...lockRoutes(provider),
    ...tagRoutes(provider),
    ...roles,
  ],
});

/** What the pump's handlers work with, besides the provider. */
interface Woken {
  readonly deployments: DeploymentParts;
  readonly fleet: Fleet;
  readonly clusters: ClusterServices;
  readonly queue: Queue;
  /** Whether this process does what falls due. */
  readonly works: boolean;
}

function pumpOf(provider: Provider, { deployments, fleet, queue, clusters, works }: Woken): Pump {
  const { database, clock, seed, log } = provider;
  const engine = new Engine({
    database,
    clock,
    seed,
    log,
    plan: deploymentPlanner(deployments, platformPlanner(provider, plannerOf(provider))),
    forget: forgetting(provider),
  });
  const pump = new Pump({ database, clock, queue, log, works });
  pump.on(OPERATION_TIMER, async (id) => engine.run(id));
  pump.on(APPLIANCE_TIMER, async (id) => fleet.play(id));
  pump.on(CLUSTER_TIMER, async (id) => clusters.clusters.play(id));
  pump.on(RETENTION_TIMER, async (_world, due) =>
    retain(database, clock, { due, journal: JOURNAL_RULES }),
  );
  pump.on(HISTORY_TIMER, async (scope) => shortenHistory(provider, scope));
  return pump;
}

/** Empties the world and begins a new one. */
async function reset(
  { database, clock, fleet }: World,
  config: Config,
  { pump, clusters }: { readonly pump: Pump; readonly clusters: ClusterServices },
): Promise<void> {
  await pump.exclusively(async () => {
    await database.write(async (writer) => {
      await emptyWorld(writer);
      const now = await clock.restart(writer, initialClockOf(config));
      await beginWorld(config, writer, now);
    });
    fleet.forgetAll();
    clusters.clusters.forgetAll();
  });
}

async function queueOf(config: Config, worldId: string, log: Logger): Promise<Queue> {
  if (config.redisUrl === undefined) return new InlineQueue(log);
  // Loaded only where it is wanted: it costs start-up time and memory.
  const { BullMqQueue } = await import('#schedule/queue-bullmq.ts');
  const { redisUrl, queueRate: rate } = config;
  return new BullMqQueue({ redisUrl, prefix: `edgetwin-${worldId}`, rate }, log);
}

/** What every world has from the start. Does nothing where it is there. */
async function beginWorld(config: Config, writer: Writer, now: Instant): Promise<void> {
  await beginRetention(writer, now);
  const ids = config.hasOpenSubscriptions ? [OPEN_SUBSCRIPTION] : config.subscriptions;
  for (const id of ids) await addSubscription(writer, id, now);
}

function portsOf(
  { database, fleet, vault, seed }: World,
  { activation, locations, orders, hasEverySku }: Config,
): Ports {
  return {
    deviceLocations: [...DEVICE_LOCATIONS, ...locations],
    takesOrders: orders === 'arm',
    hasEverySku,
    fleet,
    vault,
    seed,
    activation,
    findResource: async (key) => await findResource(database, key),
    findResources: async (keys) => await findResourcesByKey(database, keys),
    findResourceIn: async (transaction, key) => await findResource(transaction, key),
    resourcesMadeBy: async (origin, type) => await findResources(database, { origin, type }),
    childrenOf: async <Body>(parent: string, type: string) =>
      (await findResources(database, { parent, type })) as unknown as RowOf<Body>[],
    hasResourceGroup: async (subscriptionId, name) =>
      (await findResourceGroup(database, resourceGroupKey(subscriptionId, name))) !== undefined,
    findOperation: async (id) => await findOperation(database, id),
  };
}
