/**
 * addons: what is put on top of a Kubernetes role, in two kinds; each has a file of its own. Seen at once, and done when
 * their state says Created, as the role itself.
 */
import { Type } from 'typebox';
import { named, object } from '#arm/schema.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { present } from '#shared/assert.ts';
import type { Fault } from '#shared/failure.ts';
import { type JsonObject, objectIn } from '#shared/json.ts';
import { withSealedSecrets } from '../base/encrypted-secret.ts';
import { envelope } from '../base/envelope.ts';
import { kindFaults } from '../base/kinds.ts';
import { identity, observe } from '../base/machine.ts';
import { defineResource, type Existing, type Target } from '../base/define.ts';
import type { AddonKind } from './addon-kind.ts';
import { arcAddon } from './arc.ts';
import { iotEdgeAddon } from './iot-edge.ts';

const SINCE = '2020-09-01';

const KINDS = {
  IotEdge: iotEdgeAddon,
  ArcForKubernetes: arcAddon,
} as const satisfies Readonly<Record<string, AddonKind>>;

export const addons = defineResource({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/roles/addons',
  nameParameter: 'addonName',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema: object({ kind: Type.String(), ...envelope }, named('Addon')),
  kinds: Object.fromEntries(Object.entries(KINDS).map(([kind, { schema }]) => [kind, schema])),
  operations: {
    list: { id: 'Addons_ListByRole', since: SINCE },
    get: { id: 'Addons_Get', since: SINCE },
    put: {
      id: 'Addons_CreateOrUpdate',
      since: SINCE,
      style: 'async',
      isVisibleAtOnce: true,
      plan: async (target, body) => await kindOf(body).planPut(target, propertiesOf(body)),
    },
    delete: {
      id: 'Addons_Delete',
      since: SINCE,
      style: 'async',
      plan: async (target) => await kindOf(target.resource.body).planDelete(target),
      published: { finalState: { via: 'location', in: '2020-09-01..2020-12-01' } },
    },
  },
  receive: async (target, body) => await withSealedSecrets(target, body, kindOf(body).secrets),
  check,
  view,
});

/** The kind of a body that was let in. */
function kindOf({ kind }: JsonObject): AddonKind {
  return present(KINDS[kind as keyof typeof KINDS], 'the kind of an addon');
}

const propertiesOf = (body: JsonObject): JsonObject => objectIn(body, 'properties');

async function check(target: Target, body: JsonObject): Promise<readonly Fault[]> {
  const faults = kindFaults(target, body);
  return faults.length > 0 ? faults : await kindOf(body).check(target, propertiesOf(body));
}

async function view(target: Existing): Promise<JsonObject> {
  const { body, operationId } = target.resource;
  const kind = kindOf(body);
  const seen = kind.seen(await observe(target));
  const own = seen?.addon === target.name ? seen : undefined;
  return {
    kind: body.kind ?? '',
    properties: {
      ...kind.view(target),
      ...(own === undefined ? {} : { version: own.version }),
      hostPlatform: 'Linux',
      hostPlatformType: 'KubernetesCluster',
      provisioningState: own?.state ?? (operationId === undefined ? 'Failed' : 'Creating'),
    },
    ...identity(target, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/roles/addons'),
  };
}
