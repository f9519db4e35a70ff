/**
 * alerts: what the machine wants somebody to know, under a name of its own as long as it stands; and what its resource lacks.
 * Sources: alerts, kv (appliance.md §2.1, §14), [S].
 */
import { named, object } from '#arm/schema.ts';
import type { Shown } from '#arm/schema-types.ts';
import {
  dateTime,
  int32,
  readOnly,
  readOnlyEnum,
  readOnlyInteger,
  readOnlyMap,
  readOnlyString,
} from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { Type } from 'typebox';
import type { ObservedAlert } from '#fleet/fleet.ts';
import { formatInstant } from '#shared/instant.ts';
import { guid } from '#shared/random.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { observe } from './base/machine.ts';
import { defineObserved, type ObservedTarget } from './base/define.ts';
import { hasKeyVault } from './base/secret-store.ts';

const errorDetails = object(
  {
    errorCode: readOnlyString(),
    errorMessage: readOnlyString(),
    occurrences: readOnlyInteger(int32),
  },
  named('AlertErrorDetails'),
);

const properties = object(
  {
    title: readOnlyString(),
    alertType: readOnlyString(),
    appearedAtDateTime: readOnlyString(dateTime),
    recommendation: readOnlyString(),
    severity: readOnlyEnum(['Informational', 'Warning', 'Critical'], named('AlertSeverity')),
    errorDetails: readOnly(errorDetails),
    detailedInformation: readOnlyMap(Type.String()),
  },
  named('AlertProperties'),
);

const schema = object(
  { ...envelope, properties: readOnly(properties), systemData: systemDataSince('2020-09-01') },
  named('Alert'),
);

type View = Shown<typeof schema>;

export const alerts = defineObserved({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/alerts',
  nameParameter: 'name',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema,
  operations: {
    list: { id: 'Alerts_ListByDataBoxEdgeDevice' },
    get: { id: 'Alerts_Get' },
  },
  find,
  findAll,
});

async function find(target: ObservedTarget): Promise<View | undefined> {
  const name = target.name.toLowerCase();
  const alert = (await alertsOf(target)).find((one) => one.name === name);
  return alert === undefined ? undefined : viewOf(target, alert);
}

async function findAll(target: ObservedTarget): Promise<readonly View[]> {
  return (await alertsOf(target)).map((alert) => viewOf(target, alert));
}

/** The alerts of the machine, and that of its resource, the newest first [S]. */
async function alertsOf(target: ObservedTarget): Promise<readonly ObservedAlert[]> {
  const { alerts, activatedAt } = await observe(target);
  const { device, ports } = target;
  // The technician of automatic activation stands for the portal, which makes the vault along with the key (kv) [ours].
  const lacksVault =
    ports.activation === 'manual' && activatedAt !== undefined && !hasKeyVault(device);
  if (!lacksVault) return alerts;
  const alert: ObservedAlert = {
    name: guid(ports.seed, 'key vault alert', device.incarnation),
    type: 'KeyVaultNotConfiguredCondition',
    title: 'The key vault of the device is not configured.',
    recommendation:
      'Create a key vault for the device, and tell the resource of it with updateExtendedInformation.',
    severity: 'Warning',
    appearedAt: activatedAt,
    occurrences: 1,
    details: {},
  };
  return [...alerts, alert].sort((one, other) => other.appearedAt - one.appearedAt);
}

function viewOf(target: ObservedTarget, alert: ObservedAlert): View {
  return {
    properties: {
      title: alert.title,
      alertType: alert.type,
      appearedAtDateTime: formatInstant(alert.appearedAt),
      recommendation: alert.recommendation,
      severity: alert.severity,
      // Empty in the examples, whose alerts have an error in their title [S].
      errorDetails: { errorCode: '', errorMessage: '', occurrences: alert.occurrences },
      detailedInformation: { ...alert.details },
    },
    id: `${target.device.id}/alerts/${alert.name}`,
    name: alert.name,
    type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/alerts',
  };
}
