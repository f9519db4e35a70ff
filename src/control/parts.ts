/** What control is made of, bound by `app.ts`; and how it finds devices and refuses what a machine refuses. */
import type { Prices } from '#billing/prices.ts';
import type { Fleet, MachineHandle } from '#fleet/fleet.ts';
import type { Clock } from '#schedule/clock.ts';
import type { Pump } from '#schedule/pump.ts';
import { type Failure, RefusedError } from '#shared/failure.ts';
import type { Json } from '#shared/json.ts';
import type { Database } from '#store/database.ts';
import type { Vault } from '#vault/vault.ts';
import { notFound } from './requests.ts';

/** A device as the control door knows it. */
export interface ControlledDevice {
  /** As written. */
  readonly resourceId: string;
  readonly machine: MachineHandle;
}

export interface ControlParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly pump: Pump;
  readonly fleet: Fleet;
  readonly vault: Vault;
  readonly prices: Prices;
  readonly seed: string;
  /** The device of an ARM id, compared without case. */
  findDevice(resourceId: string): Promise<ControlledDevice | undefined>;
  /** The device behind a connected cluster, whose ARM id is compared without case. */
  findDeviceOfCluster(resourceId: string): Promise<ControlledDevice | undefined>;
  /** Ids of the devices of a subscription, as written, in the order of their keys: from after a key on, at most `limit`. */
  deviceIds(
    subscriptionId: string,
    page: { readonly after?: string; readonly limit: number },
  ): Promise<readonly string[]>;
  /** Places the order of a device, as the Azure Edge Hardware Center does; `order` is the `properties` of the order. */
  placeOrder(
    device: ControlledDevice,
    order: { readonly properties: Json; readonly correlationId: string },
  ): Promise<void>;
  /** Empties the world and starts a new one. */
  reset(): Promise<void>;
}

/** The device of an ARM id; throws a 404 where there is none. */
export async function deviceOf(
  { findDevice }: Pick<ControlParts, 'findDevice'>,
  resourceId: string,
): Promise<ControlledDevice> {
  const device = await findDevice(resourceId);
  if (device === undefined) throw notFound(`The device '${resourceId}'`);
  return device;
}

/** What a machine refuses is a 409 here. */
export const refused = (failure: Failure): RefusedError => new RefusedError(409, failure);
