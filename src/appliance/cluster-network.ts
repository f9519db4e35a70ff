/**
 * The subnets of pods and services inside the cluster. Whoever sits at the device sets them with `Set-HcsKubeClusterNetworkInfo`, before
 * compute is configured: a cluster keeps those that it was made with.
 * Sources: ps, net (appliance.md §4.1).
 */
import { guid } from '#shared/random.ts';
import { withFact } from './change.ts';
import { conditionsOf } from './conditions.ts';
import { hardwareOf } from './models.ts';
import type { CommandOf, Process } from './process.ts';
import { unsupported, wrongState } from './refusals.ts';
import type { ApplianceState, ClusterSubnets } from './state.ts';
import { isOff } from './status.ts';

/** Those of a cluster for which nobody has set others (ps, net). */
const USUAL: ClusterSubnets = { podSubnet: '172.27.0.0/16', serviceSubnet: '172.28.0.0/16' };

/** What `Get-HcsKubeClusterNetworkInfo` shows (ps): the subnets as they were written. */
export interface ClusterNetwork extends ClusterSubnets {
  /** A GUID. */
  readonly id: string;
}

/** The subnets of the machine's cluster, or of the one that it may get. */
export const clusterSubnetsOf = ({ clusterSubnets }: ApplianceState): ClusterSubnets =>
  clusterSubnets ?? USUAL;

export const clusterNetworkOf = (state: ApplianceState): ClusterNetwork => ({
  id: guid(state.spec.seed, 'cluster network'),
  ...clusterSubnetsOf(state),
});

export const setClusterNetwork: Process<CommandOf<'setClusterNetwork'>> = {
  subject: () => '',
  needs: 'machine',
  refuse: (state) => {
    const { hasKubernetes, name } = hardwareOf(state.spec.sku);
    if (!hasKubernetes) return unsupported(`Kubernetes is not supported on this device (${name}).`);
    if (state.cluster !== undefined) {
      return wrongState(
        `The pod and service subnets can be changed before compute is configured only, and the device has the Kubernetes cluster of the role ${state.cluster.role}.`,
      );
    }
    return isOff(state, conditionsOf(state))
      ? wrongState('The device is off. Retry the operation when it runs.')
      : undefined;
  },
  table: () => [],
  begin: (state, { command: { podSubnet, serviceSubnet } }) => {
    const clusterSubnets = { podSubnet, serviceSubnet };
    return withFact({ ...state, clusterSubnets }, 'cluster.networkSet', clusterSubnets);
  },
};
