/** The local web interface as the vendor's configuration module drives it: its requests, cookies and token header. */
import type { TestContext } from 'node:test';
import type { JsonObject } from '#shared/json.ts';
import { activationKey } from './activation-key.ts';
import type { ArmClient } from './arm-client.ts';
import { Box } from './box.ts';
import { type ListeningService, startListening } from './listening.ts';

export const FIRST = 'Password1';
export const PASSWORD = 'Local-Door-1';

export async function start(
  t: TestContext,
  more: JsonObject = {},
): Promise<{ readonly arm: ListeningService; readonly box: Box }> {
  const arm = await startListening(t, { EDGETWIN_ACTIVATION: 'manual' });
  await arm.device(more);
  return { arm, box: new Box(arm.origin) };
}

export const activationKeyOf = async (arm: ArmClient): Promise<string> =>
  (await activationKey(arm)).key;

export const compute = (nodeIps: string): JsonObject => ({
  name: 'vSwitch1',
  interfaceName: 'Port2',
  enabledForCompute: true,
  ipAddressPools: [
    { name: 'KubernetesNodeIPs', ipAddressRange: nodeIps },
    { name: 'KubernetesServiceIPs', ipAddressRange: '10.126.75.210-10.126.75.220' },
  ],
});

/** A package with the module's spelling of names. */
export const packageOf = (activationKey: string, nodeIps: string): JsonObject => ({
  device: {
    Activation: { ActivationKey: activationKey, ServiceEncryptionKey: '' },
    Time: { TimeZone: 'UTC', PrimaryTimeServer: 'time.contoso.com', SecondaryTimeServer: '' },
    Network: { VSwitches: [compute(nodeIps)] },
  },
});

export const CONFIGURATION = '/api/DeviceConfiguration';
