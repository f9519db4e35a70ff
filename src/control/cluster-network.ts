/**
 * The subnets of pods and services: `Get-` and `Set-HcsKubeClusterNetworkInfo` of the device's own PowerShell (ps).
 * Sources: appliance.md §4.1; [U] for the sizes that a Kubernetes API server takes.
 */
import { overlaps, prefixOf, subnetIn } from '#kubernetes/objects/addresses.ts';
import type { Fault } from '#shared/failure.ts';
import type { JsonObject } from '#shared/json.ts';
import { shortened } from '#shared/outline.ts';
import { type ControlParts, deviceOf, refused } from './parts.ts';
import {
  invalidRequest,
  notFound,
  readBody,
  requiredParameter,
  requiredString,
} from './requests.ts';

/** Which prefixes each subnet may have: each of up to three VMs has a /24 of the pods' [ours]; services have 20 bits at most [U], and 172.28.0.10's like [ours]. */
const PREFIXES = { podSubnet: [8, 22], serviceSubnet: [12, 24] } as const;

type Which = keyof typeof PREFIXES;

/** What is wrong with `text` as that subnet. */
function faultOf(target: Which, text: string): readonly Fault[] {
  const [least, most] = PREFIXES[target];
  const subnet = subnetIn(text);
  if (subnet !== undefined && prefixOf(subnet) >= least && prefixOf(subnet) <= most) return [];
  const message = `'${shortened(text)}' is not a subnet with ${least} to ${most} bits of network, such as 10.96.0.0/16.`;
  return [{ target, message }];
}

/** The subnets that are in force: `?resource={ARM id}`. */
export async function clusterNetwork(parts: ControlParts, query: unknown): Promise<JsonObject> {
  const device = await deviceOf(parts, requiredParameter(query, 'resource'));
  const view = await parts.fleet.localViewOf(device.machine);
  if (view === undefined) throw notFound(`The machine of the device '${device.resourceId}'`);
  return { resource: device.resourceId, ...view.clusterNetwork };
}

/** Sets both subnets: `{resource, podSubnet, serviceSubnet}`. Throws a 409 once compute is configured. */
export async function setClusterNetwork(
  parts: ControlParts,
  given: unknown,
  correlationId: string,
): Promise<JsonObject> {
  const body = readBody(given, ['resource', 'podSubnet', 'serviceSubnet']);
  const resource = requiredString(body, 'resource');
  const podSubnet = requiredString(body, 'podSubnet');
  const serviceSubnet = requiredString(body, 'serviceSubnet');
  const faults = [...faultOf('podSubnet', podSubnet), ...faultOf('serviceSubnet', serviceSubnet)];
  if (faults.length === 0 && overlaps(podSubnet, serviceSubnet)) {
    const message = `The subnets ${podSubnet} and ${serviceSubnet} overlap.`;
    faults.push({ target: 'serviceSubnet', message });
  }
  if (faults.length > 0) throw invalidRequest(faults);
  const device = await deviceOf(parts, resource);
  const outcome = await parts.fleet.command(
    device.machine,
    `control/clusterNetwork/${correlationId}`,
    { kind: 'setClusterNetwork', podSubnet, serviceSubnet },
  );
  if ('refused' in outcome) throw refused(outcome.refused);
  return await clusterNetwork(parts, { resource });
}
