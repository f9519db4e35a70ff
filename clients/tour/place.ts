/** The ids of the story's resources. Each tour has a resource group of its own, so that tours do not interfere. */

/** Any GUID is a subscription. */
const SUBSCRIPTION = '7e4a0d5c-1b0e-4c1f-9a53-6c8f3f0a2b11';

export interface Place {
  readonly subscription: string;
  readonly groupName: string;
  /** ARM ids. */
  readonly group: string;
  readonly device: string;
  readonly role: string;
  readonly addon: string;
  readonly connectedCluster: string;
}

/** The ids for a tour; `name` is unique to it. */
export function placeOf(name: string): Place {
  const groupName = `edgetwin-tour-${name}`;
  const group = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${groupName}`;
  const device = `${group}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/edge1`;
  const role = `${device}/roles/kubernetes`;
  return {
    subscription: SUBSCRIPTION,
    groupName,
    group,
    device,
    role,
    addon: `${role}/addons/arc`,
    connectedCluster: `${group}/providers/Microsoft.Kubernetes/connectedClusters/edge1-arc`,
  };
}

/** A path as the screen shows it, without the parts that all paths share. */
export function shownPath(path: string): string {
  return path
    .replace(/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\//, '…/')
    .replace('…/Microsoft.DataBoxEdge/dataBoxEdgeDevices/edge1/', '…/edge1/')
    .replace(SUBSCRIPTION, '…');
}
