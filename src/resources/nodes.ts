/** nodes: the machine's one or two nodes, by serial number. They can only be listed ([S] NodeGetAllInDevice). */
import { named, object, shownText } from '#arm/schema.ts';
import { shownAs, shownEnum } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { JsonObject } from '#shared/json.ts';
import { envelope } from './base/envelope.ts';
import { observe } from './base/machine.ts';
import { defineObserved, type ObservedTarget } from './base/define.ts';

const properties = object(
  {
    nodeStatus: shownEnum(
      ['Unknown', 'Up', 'Down', 'Rebooting', 'ShuttingDown'],
      named('NodeStatus'),
    ),
    nodeChassisSerialNumber: shownText(),
    nodeSerialNumber: shownText(),
    nodeDisplayName: shownText(),
    nodeFriendlySoftwareVersion: shownText(),
    nodeHcsVersion: shownText(),
    nodeInstanceId: shownText(),
  },
  named('NodeProperties'),
);

export const nodes = defineObserved({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/nodes',
  nameParameter: 'name',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema: object({ ...envelope, properties: shownAs(properties) }, named('Node')),
  operations: { list: { id: 'Nodes_ListByDataBoxEdgeDevice' } },
  findAll,
});

/** None before activation: nobody knows them yet. */
async function findAll(target: ObservedTarget): Promise<readonly JsonObject[]> {
  const { hardware } = await observe(target);
  return (hardware?.nodes ?? []).map((node) => ({
    properties: {
      nodeStatus: node.status,
      // Each node is a device of its own that was joined with the other (clus): its chassis is its own.
      nodeChassisSerialNumber: node.serialNumber,
      nodeSerialNumber: node.serialNumber,
      nodeDisplayName: node.displayName,
      nodeFriendlySoftwareVersion: hardware?.softwareVersionName ?? '',
      nodeHcsVersion: hardware?.hcsVersion ?? '',
      nodeInstanceId: node.id,
    },
    id: `${target.device.id}/nodes/${node.name}`,
    name: node.name,
    type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/nodes',
  }));
}
