/**
 * The IotEdge addon: IoT Edge on the cluster, where the IOT role had it beside the cluster before.
 * Sources: iotapi (appliance.md §10.1), [S].
 */
import { named, object, oneOf, onlyIn } from '#arm/schema.ts';
import { withoutSecrets } from '../base/encrypted-secret.ts';
import { IOT_SECRETS, iotDeviceFaults, iotDevices } from '../base/iot-device.ts';
import { machineStep, parentNameOf } from '../base/machine.ts';
import { addonEnvelope, addonState, defineAddonKind } from './addon-kind.ts';

const properties = object({ ...iotDevices, ...addonState }, named('IoTAddonProperties'));

const schema = object(
  { kind: oneOf(['IotEdge']), ...addonEnvelope, properties },
  // Three previews in between did not have it.
  { ...named('IoTAddon'), ...onlyIn('2020-09-01..2022-03-01 2023-07-01..') },
);

export const iotEdgeAddon = defineAddonKind({
  schema,
  secrets: IOT_SECRETS,
  check: async (_target, body) => iotDeviceFaults(body.properties),
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
  view: ({ resource }) => withoutSecrets(resource.body.properties, IOT_SECRETS),
  seen: ({ iotEdge }) => iotEdge,
});
