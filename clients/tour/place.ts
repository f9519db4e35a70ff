/** Where the story happens: the ids of its resources. A group of its own for each tour, so that none meets another. */

/** Any GUID is a subscription; this one is the tour's. */
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

/** `name` tells this tour from others. */
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

/** A path as the screen shows it: what all paths share is left out. */
export function shownPath(path: string): string {
  return path
    .replace(/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\//, '…/')
    .replace('…/Microsoft.DataBoxEdge/dataBoxEdgeDevices/edge1/', '…/edge1/')
    .replace(SUBSCRIPTION, '…');
}
