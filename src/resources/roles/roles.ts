/**
 * roles: what a device is used for. In this slice the Kubernetes role, which is the cluster itself: putting the role
 * makes the cluster, deleting it deletes the cluster with all that runs on it (compute, kubectl §4.1).
 * The verbs answer with Azure-AsyncOperation, unlike every other child [rec 16].
 */
import { Type } from 'typebox';
import { defineResource, type Existing, objectIn, type Target } from '#arm/resource-type.ts';
import { object } from '#arm/schema.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { Fault } from '#shared/failure.ts';
import type { JsonObject } from '#shared/json.ts';
import { envelope } from '../base/envelope.ts';
import { deviceOf, identity, machineStep, observe } from '../base/machine.ts';
import type { Ports } from '../base/ports.ts';
import { kubernetesProperties, kubernetesRole } from './kubernetes.ts';

export const roles = defineResource<Ports>({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/roles',
  nameParameter: 'name',
  parentParameter: 'roleName',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema: object({ kind: Type.String(), ...envelope }),
  kinds: { Kubernetes: kubernetesRole },
  operations: {
    list: { id: 'Roles_ListByDataBoxEdgeDevice' },
    get: { id: 'Roles_Get' },
    put: {
      id: 'Roles_CreateOrUpdate',
      style: 'async',
      isVisibleAtOnce: true,
      plan: planPut,
    },
    delete: {
      id: 'Roles_Delete',
      style: 'async',
      plan: planDelete,
      refusal: async (target) => {
        const addons = await target.ports.childrenOf(
          target.key,
          'microsoft.databoxedge/databoxedgedevices/roles/addons',
        );
        const [addon] = addons;
        return addon === undefined
          ? undefined
          : {
              code: 'GatewayUserErrorRoleHasAddons',
              message: `The role '${target.name}' still has the addon '${addon.name}'. Delete the addon first.`,
            };
      },
    },
  },
  check,
  view,
});

async function check(target: Target<Ports>, body: JsonObject): Promise<readonly Fault[]> {
  const asked = objectIn(body, 'properties');
  const faults: Fault[] = [];
  if (asked.hostPlatform !== 'Linux') {
    faults.push({
      target: 'properties.hostPlatform',
      message: "The Kubernetes role runs on the host platform 'Linux' only.",
    });
  }
  const { storage } = objectIn(asked, 'kubernetesRoleResources');
  const endpoints = objectIn({ storage: storage ?? {} }, 'storage').endpoints ?? [];
  if (Array.isArray(endpoints) && endpoints.length > 0) {
    faults.push({
      target: 'properties.kubernetesRoleResources.storage.endpoints',
      message: `Shares cannot be mounted through the role yet; leave the list empty. Device: '${deviceOf(target).name}'.`,
    });
  }
  return faults;
}

/** A role that stands is reconfigured; the choice holds for the whole operation, since its row stays as it is until the end. */
async function planPut(target: Target<Ports>) {
  const isNew = target.resource === undefined || target.resource.revision === 0;
  return isNew
    ? [machineStep(target, { kind: 'createCluster', role: target.name })]
    : [machineStep(target, { kind: 'configureCluster', role: target.name })];
}

async function planDelete(target: Existing<Ports>) {
  return [machineStep(target, { kind: 'deleteCluster', role: target.name })];
}

async function view(target: Existing<Ports>): Promise<JsonObject> {
  const { cluster } = await observe(target);
  const own = cluster?.role === target.name ? cluster : undefined;
  const isBusy = target.resource.operationId !== undefined;
  return {
    kind: 'Kubernetes',
    properties: kubernetesProperties(target.resource.body, own, isBusy),
    ...identity(target, 'dataBoxEdgeDevices/roles'),
  };
}
