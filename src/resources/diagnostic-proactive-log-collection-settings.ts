/**
 * diagnosticProactiveLogCollectionSettings/default: whether the machine sends logs by itself when something is wrong. There
 * from the beginning, and Enabled (plog, appliance.md §15). The type in its answers is the examples' [S].
 */
import type { BuiltIn } from '#arm/resource-type.ts';
import { named, object, oneOf } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { deviceOf, machineStep, observe } from './base/machine.ts';
import { defineResource, type Existing, type Target } from './base/define.ts';

const schema = object(
  {
    ...envelope,
    properties: object(
      { userConsent: oneOf(['Enabled', 'Disabled'], named('ProactiveDiagnosticsConsent')) },
      named('ProactiveLogCollectionSettingsProperties'),
    ),
    systemData: systemDataSince('2021-02-01'),
  },
  named('DiagnosticProactiveLogCollectionSettings'),
);

type Settings = Accepted<typeof schema>;

export const diagnosticProactiveLogCollectionSettings = defineResource({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/diagnosticProactiveLogCollectionSettings',
  nameParameter: 'name',
  singleton: 'default',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema,
  operations: {
    get: {
      id: 'DiagnosticSettings_GetDiagnosticProactiveLogCollectionSettings',
      since: '2021-02-01',
    },
    put: {
      id: 'DiagnosticSettings_UpdateDiagnosticProactiveLogCollectionSettings',
      since: '2021-02-01',
      published: { bodilessIn: '2021-02-01' },
      isVisibleAtOnce: true,
      plan: planPut,
    },
  },
  builtIns,
  view,
});

async function builtIns(): Promise<BuiltIn<Settings>[]> {
  return [{ name: 'default', body: { properties: { userConsent: 'Enabled' } } }];
}

async function planPut(target: Target, { properties }: Settings) {
  const isEnabled = properties.userConsent === 'Enabled';
  return [machineStep(target, { kind: 'setLogCollection', isEnabled })];
}

async function view(target: Existing): Promise<Shown<typeof schema>> {
  const { support } = await observe(target);
  return {
    properties: { userConsent: support.collectsLogs ? 'Enabled' : 'Disabled' },
    id: `${deviceOf(target).id}/diagnosticProactiveLogCollectionSettings/default`,
    name: 'default',
    // Its own type, as every recorded child has; the examples' `diagnosticSettings` is a short form of theirs [inf].
    type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/diagnosticProactiveLogCollectionSettings',
  };
}
