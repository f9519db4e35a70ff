/**
 * The CloudEdgeManagement role: virtual machines on the device, managed from the cloud. An activated device has it by
 * itself [rec]; a client can switch it off and on.
 * Sources: [rec] for its being there, [S] for its members, appliance.md §16.
 */
import { named, object, oneOf, onlyIn } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { optional, readOnly, readOnlyEnum } from '#arm/shapes.ts';
import { guid } from '#shared/random.ts';
import { edgeProfile } from '../base/edge-profile.ts';
import { deviceOf } from '../base/machine.ts';
import type { Existing } from '../base/define.ts';
import { defineRoleKind, NEWER_KIND, roleEnvelope, roleStatus } from './role-kind.ts';

const properties = object(
  {
    localManagementStatus: readOnlyEnum(['Enabled', 'Disabled'], named('RoleStatus')),
    edgeProfile: readOnly(edgeProfile),
    roleStatus,
  },
  named('CloudEdgeManagementRoleProperties'),
);

const schema = object(
  { kind: oneOf(['CloudEdgeManagement']), ...roleEnvelope, properties: optional(properties) },
  { ...named('CloudEdgeManagementRole'), ...onlyIn(NEWER_KIND) },
);

export const cloudEdgeManagementRole = defineRoleKind({
  schema,
  secrets: [],
  preset: { roleStatus: 'Enabled' },
  check: async () => [],
  commandFor: async (target) => ({
    kind: 'putRole',
    role: target.name,
    roleKind: 'CloudEdgeManagement',
  }),
  removalOf: (target) => ({ kind: 'deleteRole', role: target.name }),
  view,
});

function view(target: Existing<Accepted<typeof schema>>): Shown<typeof properties> {
  const { roleStatus: status = 'Enabled' } = target.resource.body.properties ?? {};
  return {
    // The two go together [ours]: nothing says what else would set it.
    localManagementStatus: status,
    edgeProfile: { subscription: subscriptionOf(target) },
    roleStatus: status,
  };
}

/** As recorded of this role, without an `id` [rec]. */
function subscriptionOf(target: Existing): Shown<typeof edgeProfile>['subscription'] {
  const device = deviceOf(target);
  return {
    registrationId: guid(target.ports.seed, 'edge registration', device.incarnation),
    state: 'Registered',
    subscriptionId: device.subscriptionId,
  };
}
