/**
 * The MEC role: network functions that Azure Network Function Manager puts on the device.
 * Sources: access (appliance.md §16), [S].
 */
import { named, object, oneOf, onlyIn, since } from '#arm/schema.ts';
import { mayBe, mayText } from '#arm/shapes.ts';
import { objectIn } from '#shared/json.ts';
import { encryptedSecret, type SecretPlace, withoutSecrets } from '../base/encrypted-secret.ts';
import { NEWER_KIND, roleEnvelope, type RoleKind, roleStatus } from './role-kind.ts';

/** The activation key of the MEC [S]. */
const CONNECTION_STRING: SecretPlace = ['connectionString'];

const properties = object(
  {
    connectionString: encryptedSecret(),
    controllerEndpoint: mayText(since('2021-02-01')),
    resourceUniqueId: mayText(since('2021-02-01')),
    roleStatus,
  },
  named('MECRoleProperties'),
);

export const mecRole: RoleKind = {
  schema: object(
    { kind: oneOf(['MEC']), ...roleEnvelope, properties: mayBe(properties) },
    { ...named('MECRole'), ...onlyIn(NEWER_KIND) },
  ),
  secrets: [CONNECTION_STRING],
  check: async () => [],
  commandFor: async (target) => ({ kind: 'putRole', role: target.name, roleKind: 'MEC' }),
  removalOf: (target) => ({ kind: 'deleteRole', role: target.name }),
  view: (target) =>
    withoutSecrets(objectIn(target.resource.body, 'properties'), [CONNECTION_STRING]),
};
