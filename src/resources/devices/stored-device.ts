/** A device's body as it is stored: what was asked for, and two members that are never shown. */
import type { Accepted } from '#arm/schema-types.ts';
import type { edgeProfile } from '../base/edge-profile.ts';
import type { HARDWARE, HardwareOptions } from '../base/machine.ts';
import type { EXTENDED, ExtendedInformation } from '../base/secret-store.ts';
import type { SKU_NAMES } from '../base/skus.ts';
import type { dataResidency } from './properties.ts';
import type { deviceSchema } from './shape.ts';

/** A device's body as `receive` (devices.ts) stores it, and as a PATCH changes it. */
export type StoredDevice = Pick<Accepted<typeof deviceSchema>, 'location' | 'identity'> & {
  readonly tags: Record<string, string>;
  readonly sku: { readonly name: (typeof SKU_NAMES)[number]; readonly tier: 'Standard' };
  readonly properties: {
    readonly dataResidency?: Accepted<typeof dataResidency>;
    /** Read-only in the schema: only a PATCH writes it. */
    readonly edgeProfile?: Accepted<typeof edgeProfile>;
  };
  readonly [HARDWARE]: HardwareOptions;
  readonly [EXTENDED]?: ExtendedInformation;
};
