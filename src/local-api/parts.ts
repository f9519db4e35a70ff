/** What the local web interface of a device is made of, bound by `app.ts`. */
import type { Fleet, MachineHandle } from '#fleet/fleet.ts';
import type { Vault } from '#vault/vault.ts';

export interface LocalApiParts {
  readonly fleet: Fleet;
  readonly vault: Vault;
  /** The device of an ARM id, compared without case. */
  findDevice(
    resourceId: string,
  ): Promise<{ readonly resourceId: string; readonly machine: MachineHandle } | undefined>;
}
