/** A device of an IoT hub, as roles and addons name it; what it signs in with is a secret. */
import { Type } from 'typebox';
import { named, object } from '#arm/schema.ts';
import { mayBe, mayText } from '#arm/shapes.ts';
import type { Fault } from '#shared/failure.ts';
import { type JsonObject, objectIn, textIn } from '#shared/json.ts';
import { encryptedSecret, type SecretPlace } from './encrypted-secret.ts';

export const iotDevice = object(
  {
    deviceId: Type.String(),
    ioTHostHub: Type.String(),
    ioTHostHubId: mayText(),
    authentication: mayBe(
      object(
        {
          symmetricKey: mayBe(
            object({ connectionString: encryptedSecret() }, named('SymmetricKey')),
          ),
        },
        named('Authentication'),
      ),
    ),
  },
  named('IoTDeviceInfo'),
);

/** The two devices of an IoT Edge runtime: what it connects as, and what its modules do. */
const DEVICES = ['ioTDeviceDetails', 'ioTEdgeDeviceDetails'] as const;

/** Where their secrets stand. */
export const IOT_SECRETS: readonly SecretPlace[] = DEVICES.map(
  (device): SecretPlace => [device, 'authentication', 'symmetricKey', 'connectionString'],
);

/** Names that are there and say nothing. */
export function iotDeviceFaults(properties: JsonObject): Fault[] {
  return DEVICES.flatMap((device) =>
    ['deviceId', 'ioTHostHub']
      .filter((member) => textIn(objectIn(properties, device), member) === '')
      .map((member) => ({
        target: `properties.${device}.${member}`,
        message: `'${member}' must not be empty.`,
      })),
  );
}
