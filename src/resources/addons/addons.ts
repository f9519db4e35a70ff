/**
 * addons: what is put on top of a Kubernetes role, in two kinds; each has a file of its own. Seen at once, and done when
 * their state says Created, as the cluster's role itself; polled by Azure-AsyncOperation, which examples show of their deletion [S DeleteAddons]
 * and which is taken for their PUT [inf].
 */
import { Type } from 'typebox';
import type { Received } from '#arm/resource-type.ts';
import { named, object } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { Fault } from '#shared/failure.ts';
import { withSealedSecrets } from '../base/encrypted-secret.ts';
import { envelope } from '../base/envelope.ts';
import { kindFaults } from '../base/kinds.ts';
import { identity, observe } from '../base/machine.ts';
import { defineResource, type Existing, type Target } from '../base/define.ts';
import type { AddonKind, AddonState } from './addon-kind.ts';
import { arcAddon } from './arc.ts';
import { iotEdgeAddon } from './iot-edge.ts';

const SINCE = '2020-09-01';

const KINDS = {
  IotEdge: iotEdgeAddon,
  ArcForKubernetes: arcAddon,
};

type Schema = (typeof KINDS)[keyof typeof KINDS]['schema'];
type Addon = Accepted<Schema>;

export const addons = defineResource({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/roles/addons',
  nameParameter: 'addonName',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema: object({ kind: Type.String(), ...envelope }, named('Addon')),
  kinds: { IotEdge: iotEdgeAddon.schema, ArcForKubernetes: arcAddon.schema },
  operations: {
    list: { id: 'Addons_ListByRole', since: SINCE },
    get: { id: 'Addons_Get', since: SINCE },
    put: {
      id: 'Addons_CreateOrUpdate',
      since: SINCE,
      style: 'async',
      isVisibleAtOnce: true,
      plan: planPut,
    },
    delete: {
      id: 'Addons_Delete',
      since: SINCE,
      style: 'async',
      plan: planDelete,
      published: { finalState: { via: 'location', in: '2020-09-01..2020-12-01' } },
    },
  },
  receive,
  check,
  view,
});

/** The kind of a body. Its functions take the bodies of its own kind, and `body` is one. */
const kindOf = (body: Addon): AddonKind<Schema> => KINDS[body.kind];

async function receive(target: Target<Addon>, body: Addon): Promise<Received<Addon>> {
  return await withSealedSecrets(target, body, kindOf(body).secrets);
}

async function check(target: Target<Addon>, body: Addon): Promise<readonly Fault[]> {
  const faults = kindFaults(target, body);
  return faults.length > 0 ? faults : await kindOf(body).check(target, body);
}

async function planPut(target: Target, body: Addon) {
  return await kindOf(body).planPut(target, body);
}

async function planDelete(target: Existing<Addon>) {
  return await kindOf(target.resource.body).planDelete(target);
}

async function view(target: Existing<Addon>): Promise<Shown<Schema>> {
  const { body, operationId } = target.resource;
  const kind = kindOf(body);
  const seen = kind.seen(await observe(target));
  const own = seen?.addon === target.name ? seen : undefined;
  const state: AddonState = {
    version: own?.version,
    hostPlatform: 'Linux',
    hostPlatformType: 'KubernetesCluster',
    provisioningState: own?.state ?? (operationId === undefined ? 'Failed' : 'Creating'),
  };
  return {
    kind: body.kind,
    properties: { ...kind.view(target), ...state },
    ...identity(target, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/roles/addons'),
  } as Shown<Schema>;
}
