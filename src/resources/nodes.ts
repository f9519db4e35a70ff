/** nodes: the machine's one or two nodes, by serial number. They can only be listed ([S] NodeGetAllInDevice). */
import { named, object } from '#arm/schema.ts';
import type { Shown } from '#arm/schema-types.ts';
import { readOnly, readOnlyEnum, readOnlyString } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { envelope } from './base/envelope.ts';
import { observe } from './base/machine.ts';
import { defineObserved, type ObservedTarget } from './base/define.ts';

const properties = object(
  {
    nodeStatus: readOnlyEnum(
      ['Unknown', 'Up', 'Down', 'Rebooting', 'ShuttingDown'],
      named('NodeStatus'),
    ),
    nodeChassisSerialNumber: readOnlyString(),
    nodeSerialNumber: readOnlyString(),
    nodeDisplayName: readOnlyString(),
    nodeFriendlySoftwareVersion: readOnlyString(),
    nodeHcsVersion: readOnlyString(),
    nodeInstanceId: readOnlyString(),
  },
  named('NodeProperties'),
);

const schema = object({ ...envelope, properties: readOnly(properties) }, named('Node'));

export const nodes = defineObserved({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/nodes',
  nameParameter: 'name',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema,
  operations: { list: { id: 'Nodes_ListByDataBoxEdgeDevice' } },
  findAll,
});

/** None before activation: nobody knows them yet. */
async function findAll(target: ObservedTarget): Promise<readonly Shown<typeof schema>[]> {
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
