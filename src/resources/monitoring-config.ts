/**
 * roles/monitoringConfig/default: which counters of a role are pushed where. Kept and shown as sent; no metric leaves the
 * machine.
 * Sources: mon (appliance.md §15), [S] PutMonitoringConfig; databoxedge-contract §5 for the rule on namespaces.
 */
import { Type } from 'typebox';
import { named, object } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { optionalList, optionalString } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { Fault } from '#shared/failure.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { identity, machineStep, parentNameOf } from './base/machine.ts';
import { defineResource, type Existing, type Target } from './base/define.ts';

const SINCE = '2020-09-01';

const dimension = object(
  { sourceType: Type.String(), sourceName: Type.String() },
  named('MetricDimension'),
);

const counter = object(
  {
    name: Type.String(),
    instance: optionalString(),
    dimensionFilter: optionalList(dimension),
    additionalDimensions: optionalList(dimension),
  },
  named('MetricCounter'),
);

const metricConfiguration = object(
  {
    resourceId: Type.String(),
    mdmAccount: optionalString(),
    metricNameSpace: optionalString(),
    counterSets: Type.Array(object({ counters: Type.Array(counter) }, named('MetricCounterSet'))),
  },
  named('MetricConfiguration'),
);

const properties = object(
  { metricConfigurations: Type.Array(metricConfiguration) },
  named('MonitoringMetricConfigurationProperties'),
);

const schema = object(
  { ...envelope, systemData: systemDataSince('2021-02-01'), properties },
  named('MonitoringMetricConfiguration'),
);

type Config = Accepted<typeof schema>;

export const monitoringConfig = defineResource({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/roles/monitoringConfig',
  nameParameter: 'name',
  singleton: 'default',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema,
  operations: {
    list: { id: 'MonitoringConfig_List', since: SINCE },
    get: { id: 'MonitoringConfig_Get', since: SINCE },
    put: { id: 'MonitoringConfig_CreateOrUpdate', since: SINCE, plan: planPut },
    delete: { id: 'MonitoringConfig_Delete', since: SINCE, plan: planDelete },
  },
  check,
  view,
});

/** `This is required if MDMAccount is specified` [S]. */
async function check(_target: Target, { properties }: Config): Promise<readonly Fault[]> {
  return properties.metricConfigurations.flatMap(
    ({ mdmAccount = '', metricNameSpace = '' }, index) =>
      mdmAccount !== '' && metricNameSpace === ''
        ? [
            {
              target: `properties.metricConfigurations[${index}].metricNameSpace`,
              message: 'A configuration with an MDM account needs its metric namespace.',
            },
          ]
        : [],
  );
}

async function planPut(target: Target) {
  return [machineStep(target, { kind: 'putMonitoring', role: await parentNameOf(target) })];
}

async function planDelete(target: Existing) {
  return [machineStep(target, { kind: 'deleteMonitoring', role: await parentNameOf(target) })];
}

async function view(target: Existing<Config>): Promise<Shown<typeof schema>> {
  return {
    properties: target.resource.body.properties,
    ...identity(target, 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/roles/monitoringConfig'),
  };
}
