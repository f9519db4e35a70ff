/**
 * The MEC role: network functions that Azure Network Function Manager puts on the device.
 * Sources: access (appliance.md §16), [S].
 */
import { named, object, oneOf, onlyIn, since } from '#arm/schema.ts';
import { optional, optionalString } from '#arm/shapes.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { present } from '#shared/assert.ts';
import type { Existing } from '../base/define.ts';
import { encryptedSecret, withoutSecrets } from '../base/encrypted-secret.ts';
import { defineRoleKind, NEWER_KIND, roleEnvelope, roleStatus } from './role-kind.ts';

const properties = object(
  {
    /** The activation key of the MEC [S]. */
    connectionString: encryptedSecret(),
    controllerEndpoint: optionalString(since('2021-02-01')),
    resourceUniqueId: optionalString(since('2021-02-01')),
    roleStatus,
  },
  named('MECRoleProperties'),
);

const schema = object(
  { kind: oneOf(['MEC']), ...roleEnvelope, properties: optional(properties) },
  { ...named('MECRole'), ...onlyIn(NEWER_KIND) },
);

const CONNECTION_STRING = ['connectionString'] as const;

export const mecRole = defineRoleKind({
  schema,
  secrets: [CONNECTION_STRING],
  preset: { roleStatus: 'Enabled' },
  check: async () => [],
  commandFor: async (target) => ({ kind: 'putRole', role: target.name, roleKind: 'MEC' }),
  removalOf: (target) => ({ kind: 'deleteRole', role: target.name }),
  view,
});

function view({ resource }: Existing<Accepted<typeof schema>>): Shown<typeof properties> {
  const stored = present(resource.body.properties, 'the properties of a role');
  return withoutSecrets(stored, [CONNECTION_STRING]);
}
