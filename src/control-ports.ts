/**
 * What control needs of the provider, which it does not know: devices by their ARM id, and the order that the Azure Edge Hardware
 * Center places for one. Bound by `app.ts`.
 */
import { requestFor } from '#arm/internal-request.ts';
import type { Provider } from '#arm/provider.ts';
import { putResource } from '#arm/verbs/put.ts';
import type { ControlParts } from '#control/parts.ts';
import { machineOf } from '#resources/base/machine.ts';
import { consistently } from '#store/read-set.ts';
import { listResourceIds } from '#store/resource-lists.ts';
import { findResource } from '#store/resources.ts';

const CLUSTER_TYPE = 'microsoft.kubernetes/connectedclusters';
const DEVICE_TYPE = 'microsoft.databoxedge/databoxedgedevices';

/** The parts of control that the provider has. */
export function controlPorts(
  provider: Provider,
): Pick<ControlParts, 'findDevice' | 'findDeviceOfCluster' | 'deviceIds' | 'placeOrder'> {
  const { database, seed } = provider;
  const findDevice: ControlParts['findDevice'] = async (resourceId) => {
    const row = await findResource(database, resourceId.toLowerCase());
    return row?.type === DEVICE_TYPE && row.isVisible
      ? { resourceId: row.id, machine: machineOf(row, seed) }
      : undefined;
  };
  return {
    findDevice,
    findDeviceOfCluster: async (resourceId) => {
      const row = await findResource(database, resourceId.toLowerCase());
      return row?.type === CLUSTER_TYPE && row.origin !== undefined
        ? await findDevice(row.origin)
        : undefined;
    },
    deviceIds: async (subscriptionId, page) =>
      await listResourceIds(database.reader, { type: DEVICE_TYPE, subscriptionId }, page),
    placeOrder: async ({ resourceId, machine }, { properties, correlationId }) => {
      const { subscriptionId } = machine.owner;
      const order = {
        id: `${resourceId}/orders/default`,
        type: `${DEVICE_TYPE}/orders`,
        subscriptionId,
      };
      const body = { properties };
      const request = requestFor(provider, order, { correlationId, body, isOfControl: true });
      await consistently(async () => await putResource(provider, request));
    },
  };
}
