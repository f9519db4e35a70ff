/**
 * The IotEdge addon: IoT Edge on the cluster, where the IOT role had it beside the cluster before.
 * Sources: iotapi (appliance.md §10.1), [S].
 */
import { named, object, oneOf, onlyIn } from '#arm/schema.ts';
import { objectIn } from '#shared/json.ts';
import { withoutSecrets } from '../base/encrypted-secret.ts';
import { IOT_SECRETS, iotDevice, iotDeviceFaults } from '../base/iot-device.ts';
import { machineStep, parentNameOf } from '../base/machine.ts';
import { addonEnvelope, type AddonKind, addonState } from './addon-kind.ts';

const properties = object(
  { ioTDeviceDetails: iotDevice, ioTEdgeDeviceDetails: iotDevice, ...addonState },
  named('IoTAddonProperties'),
);

export const iotEdgeAddon: AddonKind = {
  schema: object(
    { kind: oneOf(['IotEdge']), ...addonEnvelope, properties },
    // Three previews in between did not have it.
    { ...named('IoTAddon'), ...onlyIn('2020-09-01..2022-03-01 2023-07-01..') },
  ),
  secrets: IOT_SECRETS,
  check: async (_target, asked) => iotDeviceFaults(asked),
  planPut: async (target) => [
    machineStep(target, {
      kind: 'installIotEdge',
      addon: target.name,
      role: await parentNameOf(target),
    }),
  ],
  planDelete: async (target) => [
    machineStep(target, { kind: 'removeIotEdge', addon: target.name }),
  ],
  view: (target) => withoutSecrets(objectIn(target.resource.body, 'properties'), IOT_SECRETS),
  seen: ({ iotEdge }) => iotEdge,
};
