/** A device of an IoT hub, as roles and addons name it; what it signs in with is a secret. */
import { Type } from 'typebox';
import { named, object } from '#arm/schema.ts';
import type { Accepted } from '#arm/schema-types.ts';
import { optional, optionalString } from '#arm/shapes.ts';
import type { Fault } from '#shared/failure.ts';
import { encryptedSecret, type SecretPlace } from './encrypted-secret.ts';

const iotDevice = object(
  {
    deviceId: Type.String(),
    ioTHostHub: Type.String(),
    ioTHostHubId: optionalString(),
    authentication: optional(
      object(
        {
          symmetricKey: optional(
            object({ connectionString: encryptedSecret() }, named('SymmetricKey')),
          ),
        },
        named('Authentication'),
      ),
    ),
  },
  named('IoTDeviceInfo'),
);

/** The two devices of an IoT Edge runtime: the one that it connects as, and the one that its modules act for. */
export const iotDevices = { ioTDeviceDetails: iotDevice, ioTEdgeDeviceDetails: iotDevice } as const;

const DEVICES = ['ioTDeviceDetails', 'ioTEdgeDeviceDetails'] as const;

type IotDevices = Readonly<Record<(typeof DEVICES)[number], Accepted<typeof iotDevice>>>;

/** The places of their secrets. */
export const IOT_SECRETS = DEVICES.map(
  (device) =>
    [
      device,
      'authentication',
      'symmetricKey',
      'connectionString',
    ] as const satisfies SecretPlace<IotDevices>,
);

/** Names that must not be empty, and are. */
export function iotDeviceFaults(properties: IotDevices): Fault[] {
  return DEVICES.flatMap((device) =>
    (['deviceId', 'ioTHostHub'] as const)
      .filter((member) => properties[device][member] === '')
      .map((member) => ({
        target: `properties.${device}.${member}`,
        message: `'${member}' must not be empty.`,
      })),
  );
}
