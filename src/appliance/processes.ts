/**
 * The list of all processes, one for each kind of command.
 */
import { activate } from './activation.ts';
import { connectArc, disconnectArc } from './arc.ts';
import { deleteBandwidthSchedule, putBandwidthSchedule } from './bandwidth.ts';
import { configureCluster, createCluster, deleteCluster } from './compute.ts';
import { deleteContainer, putContainer, refreshContainer } from './containers.ts';
import { deleteCredential, putCredential } from './credentials.ts';
import { failover } from './failover.ts';
import { healFault, injectFault } from './faults.ts';
import { installIotEdge, removeIotEdge } from './iot-edge.ts';
import { configureLocally, runDiagnostics } from './local-work.ts';
import { deleteMonitoring, putMonitoring } from './monitoring.ts';
import { beginCampaign, endCampaign } from './campaigns.ts';
import { changePassword } from './password.ts';
import { setClusterNetwork } from './cluster-network.ts';
import { checkCapacity } from './placement.ts';
import type { CommandOf, Process } from './process.ts';
import { reset } from './reset.ts';
import { deleteRole, putRole } from './roles.ts';
import { cancelOrder, changeOrder, journey, placeOrder, returnMachine } from './shipping.ts';
import type { Work } from './state.ts';
import { setLogCollection, setRemoteSupport, triggerSupportPackage } from './support.ts';
import { deleteStorageAccount, putStorageAccount } from './storage-accounts.ts';
import { deleteShare, putShare, refreshShare } from './storage.ts';
import { deleteTrigger, putTrigger } from './triggers.ts';
import { downloadUpdates, installUpdates, scanForUpdates } from './updates.ts';
import { deleteUser, putUser } from './users.ts';

const PROCESSES: {
  readonly [Kind in Work['kind']]: Process<CommandOf<Kind>>;
} = {
  injectFault,
  healFault,
  beginCampaign,
  endCampaign,
  configureLocally,
  runDiagnostics,
  setClusterNetwork,
  failover,
  activate,
  placeOrder,
  cancelOrder,
  changeOrder,
  returnMachine,
  journey,
  createCluster,
  configureCluster,
  deleteCluster,
  connectArc,
  disconnectArc,
  installIotEdge,
  removeIotEdge,
  putRole,
  deleteRole,
  putMonitoring,
  deleteMonitoring,
  putShare,
  deleteShare,
  refreshShare,
  putCredential,
  deleteCredential,
  putStorageAccount,
  deleteStorageAccount,
  putContainer,
  deleteContainer,
  refreshContainer,
  putTrigger,
  deleteTrigger,
  putUser,
  deleteUser,
  putBandwidthSchedule,
  deleteBandwidthSchedule,
  changePassword,
  setLogCollection,
  setRemoteSupport,
  triggerSupportPackage,
  checkCapacity,
  scanForUpdates,
  downloadUpdates,
  installUpdates,
  reset,
};

/** The process for `command`. */
export function processOf<C extends Work>(command: C): Process<C> {
  // The type of the table ensures that each kind has its own process; TypeScript can't relate a key to its entry.
  return PROCESSES[command.kind] as Process<C>;
}

/** Whether this release has a process for commands of that kind. */
export const isCommandKind = (kind: string): boolean => Object.hasOwn(PROCESSES, kind);
