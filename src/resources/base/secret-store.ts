/** Where the client keeps the device's secrets, as updateExtendedInformation has told: in the stored body of the device, never shown there. */
import type { ResourceRow } from '#arm/resource-type.ts';
import type { Instant } from '#shared/instant.ts';
import { objectIn, textIn } from '#shared/json.ts';

/** The member of a device's stored body that holds what updateExtendedInformation has set. */
export const EXTENDED = 'edgetwin-extended';

/** What updateExtendedInformation has set. */
export type ExtendedInformation = {
  readonly clientSecretStoreId?: string;
  readonly clientSecretStoreUrl?: string;
  readonly channelIntegrityKeyName?: string;
  readonly channelIntegrityKeyVersion?: string;
  /** When the client last asked for a sync of the device's secrets to its vault. */
  readonly syncAskedAt?: Instant;
};

/** Whether the resource of the device knows its key vault. */
export const hasKeyVault = ({ body }: ResourceRow): boolean =>
  textIn(objectIn(body, EXTENDED), 'clientSecretStoreUrl') !== '';
