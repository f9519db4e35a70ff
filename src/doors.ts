/**
 * The doors of the service, each in a Fastify scope of its own: parsers, error handlers and gates of one do not apply to
 * the others. Called by `app.ts` with everything behind the doors. A door that speaks another protocol than ARM's registers
 * its own scope on the server, under a prefix, with its own parsers, error handler and answer for unknown paths.
 */
import type { FastifyInstance } from 'fastify';
import { openDoor } from '#arm/door.ts';
import { errors } from '#arm/errors.ts';
import { mountProvider } from '#arm/http.ts';
import type { Provider } from '#arm/provider.ts';
import type { PlatformRoute } from '#arm/platform-route.ts';
import { mountClusterControl } from '#control/clusters-http.ts';
import type { Control } from '#control/control.ts';
import { type HealthParts, mountHealth } from '#control/health.ts';
import { mountControl } from '#control/http.ts';
import type { Identity } from '#identity/identity.ts';
import { mountCertificate, mountSignIn } from '#identity/sign-in/http.ts';
import {
  admitAdministrators,
  admitCallers,
  admitOwnPages,
  admitPages,
  type Pages,
} from '#platform/gate.ts';
import { mountLocalApi } from '#local-api/http.ts';
import type { LocalApi } from '#local-api/local-api.ts';
import { mountPlatform } from '#platform/http.ts';
import { mountKubeApi } from '#kube-api/http.ts';
import type { Clock } from '#schedule/clock.ts';
import type { Logger } from '#shared/logger.ts';
import { REGION_NAMES } from '#platform/subscriptions.ts';
import type { Throttle } from '#platform/throttle.ts';
import type { ClusterServices } from './clusters.ts';
import type { Role } from './config.ts';
import { collectRoutes, mountDocuments } from './documents.ts';

export interface DoorParts {
  readonly provider: Provider;
  /** Routes of roles and deployments, beside the platform's own. */
  readonly routes: readonly PlatformRoute[];
  readonly identity: Identity;
  /** Whose pages may call ARM. */
  readonly pages: Pages;
  /** Undefined: calls are not counted. */
  readonly throttle: Throttle | undefined;
  /** Gives the PEM of the certificate that clients must trust. */
  readonly certificate: () => Promise<string>;
  readonly control: Control;
  /** The local web interfaces of devices. */
  readonly localApi: LocalApi;
  /** Live Kubernetes clusters. */
  readonly clusters: ClusterServices;
  readonly health: HealthParts;
}

/** Opens the doors of a process with that role. */
export async function openDoorsOf(
  role: Role,
  server: FastifyInstance,
  parts: DoorParts,
): Promise<void> {
  if (role === 'worker') await openWorkerDoor(server, parts.health, parts.provider.log);
  else await openDoors(server, parts);
}

/** Opens every door. The order is that of the routes in the document of all routes. */
async function openDoors(server: FastifyInstance, parts: DoorParts): Promise<void> {
  const { provider, identity, pages } = parts;
  const open = async (mount: (door: FastifyInstance) => void | Promise<void>): Promise<void> =>
    await openDoor(server, provider.log, mount);
  await collectRoutes(server);
  await open(async (door) => {
    admitPages(door, pages);
    await mountDocuments(door);
  });
  await open((door) => {
    admitPages(door, pages);
    mountSignIn(door, { identity, locations: REGION_NAMES });
  });
  await open((door) => {
    admitOwnPages(door);
    mountCertificate(door, parts.certificate);
  });
  // Also answers for every path that no door has.
  await open((door) => {
    tellTheTime(door, provider.clock);
    admitPages(door, pages);
    admitCallers(door, { callers: identity.callers, throttle: parts.throttle });
    mountProvider(door, provider);
    mountPlatform(door, provider, { identity, routes: parts.routes });
  });
  await open((door) => {
    tellTheTime(door, provider.clock);
    admitOwnPages(door);
    admitAdministrators(door, identity);
    mountControl(door, parts.control);
    mountClusterControl(door, parts.clusters.control);
  });
  // Who calls is asked by each device itself.
  await open((door) => {
    tellTheTime(door, provider.clock);
    admitOwnPages(door);
    mountLocalApi(door, parts.localApi);
  });
  await open((door) => {
    admitPages(door, pages);
    mountHealth(door, parts.health);
  });
  await mountKubeApi(server, parts.clusters.api, parts.clusters.limits);
}

/** Lets no request be carried out at an earlier time than another process has told already. */
function tellTheTime(door: FastifyInstance, clock: Clock): void {
  if (clock.upToDate() === undefined) return;
  door.addHook('onRequest', async () => clock.upToDate());
}

/** Opens the one door of a process that serves no requests: whoever watches it. */
async function openWorkerDoor(
  server: FastifyInstance,
  health: HealthParts,
  log: Logger,
): Promise<void> {
  await openDoor(server, log, (door) => {
    mountHealth(door, health);
    door.setNotFoundHandler((request) => {
      throw errors.routeNotFound(request.method, request.url);
    });
  });
}
