/** What may happen to a device in a drawn week: requests to ARM, faults and campaigns over control, mending. Used by `service-weeks.test.ts`. */
import type { JsonObject } from '#shared/json.ts';
import { arcAddon, DEVICE, KUBERNETES_ROLE } from '../support/arm-client.ts';
import {
  CLOUD_SHARE,
  CONTAINER,
  CREDENTIAL,
  IOT_ADDON,
  IOT_ROLE,
  LOCAL_SHARE,
  ORDER,
  PASSWORD,
  SCHEDULE,
  STORAGE_ACCOUNT,
  TIMER_TRIGGER,
  USER,
} from '../support/bodies.ts';
import type { Draws } from '../support/draws.ts';

export interface Act {
  readonly method: 'put' | 'post' | 'delete';
  /** What stands before the path: the device, or nothing. */
  readonly isOfControl?: true;
  readonly path: string;
  readonly body?: JsonObject;
}

/** The device of an act: its id and the number of it. */
export interface Subject {
  readonly id: string;
  readonly number: number;
}

const put = (path: string, body: JsonObject): Act => ({ method: 'put', path, body });
const post = (path: string, body?: JsonObject): Act => ({
  method: 'post',
  path,
  ...(body === undefined ? {} : { body }),
});
const remove = (path: string): Act => ({ method: 'delete', path });

/** Every day in six hours of the day, a fifth of what a transfer has otherwise. */
const NARROW = {
  properties: {
    ...{ start: '9:00', stop: '15:00', rateInMbps: 20 },
    days: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
  },
};

const MONITORING = {
  properties: {
    metricConfigurations: [
      {
        ...{ resourceId: DEVICE, mdmAccount: 'account', metricNameSpace: 'space' },
        counterSets: [{ counters: [{ name: 'cpu', instance: '_Total' }] }],
      },
    ],
  },
};
const KUBERNETES = 'roles/kubernetesRole';

/** Requests to ARM; what comes first is drawn more often, since much depends on it. */
const REQUESTS: readonly ((subject: Subject) => Act)[] = [
  () => put(KUBERNETES, KUBERNETES_ROLE),
  () => put(KUBERNETES, KUBERNETES_ROLE),
  () => put('storageAccountCredentials/sac1', CREDENTIAL),
  () => put('users/anna', USER),
  ({ number }) => put(`${KUBERNETES}/addons/arc`, arcAddon(`arc-${number}`)),
  ({ number }) => put(`${KUBERNETES}/addons/arc`, arcAddon(`arc-${number}`)),
  () => put('storageAccounts/edge', STORAGE_ACCOUNT),
  () => post('scanForUpdates'),
  () => post('scanForUpdates'),
  () => post('downloadUpdates'),
  () => post('downloadUpdates'),
  () => post('installUpdates'),
  () => post('installUpdates'),
  () => put('orders/default', ORDER),
  () => remove('orders/default'),
  () => put('shares/local', LOCAL_SHARE),
  () => put('shares/cloud', CLOUD_SHARE),
  () => post('shares/cloud/refresh'),
  () => remove('shares/local'),
  () => put('bandwidthSchedules/nights', NARROW),
  () => remove('bandwidthSchedules/nights'),
  () => put('storageAccounts/edge/containers/blobs', CONTAINER),
  () => post('storageAccounts/edge/containers/blobs/refresh'),
  () => remove('storageAccounts/edge/containers/blobs'),
  () => remove('storageAccounts/edge'),
  () => remove(`${KUBERNETES}/addons/arc`),
  () => put(`${KUBERNETES}/addons/iot`, IOT_ADDON),
  () => remove(`${KUBERNETES}/addons/iot`),
  () => put(`${KUBERNETES}/monitoringConfig/default`, MONITORING),
  () => remove(`${KUBERNETES}/monitoringConfig/default`),
  () => put('roles/iot', IOT_ROLE),
  () => put('roles/iot', IOT_ROLE),
  () => put('triggers/hourly', TIMER_TRIGGER),
  () => remove('triggers/hourly'),
  () => remove('roles/iot'),
  () => remove(KUBERNETES),
  () => remove('users/anna'),
  () => remove('storageAccountCredentials/sac1'),
  () => post('deviceCapacityCheck', { properties: { vmPlacementQuery: [['Standard_D2_v2']] } }),
  () => post('triggerSupportPackage', { properties: { include: 'Default' } }),
  () =>
    post('securitySettings/default/update', {
      properties: { deviceAdminPassword: { value: PASSWORD, encryptionAlgorithm: 'None' } },
    }),
  () =>
    put('diagnosticProactiveLogCollectionSettings/default', {
      properties: { userConsent: 'Disabled' },
    }),
  () =>
    put('diagnosticRemoteSupportSettings/default', {
      properties: {
        remoteSupportSettingsList: [
          {
            ...{ remoteApplicationType: 'Powershell', accessLevel: 'ReadOnly' },
            expirationTimeStampInUTC: '2026-03-09T09:00:00.000Z',
          },
        ],
      },
    }),
  () => remove(''),
];

/** What leads to each other: a device's week follows one of these, with other acts between. */
const THEMES: readonly (readonly ((subject: Subject) => Act)[])[] = [
  [
    () => post('scanForUpdates'),
    () => post('downloadUpdates'),
    () => post('installUpdates'),
    () => post('scanForUpdates'),
    () => post('downloadUpdates'),
  ],
  [
    () => put('storageAccountCredentials/sac1', CREDENTIAL),
    () => put('storageAccounts/edge', STORAGE_ACCOUNT),
    () => put('storageAccounts/edge/containers/blobs', CONTAINER),
    () => post('storageAccounts/edge/containers/blobs/refresh'),
    () => remove('storageAccounts/edge/containers/blobs'),
    () => remove('storageAccounts/edge'),
  ],
  [
    () => put('storageAccountCredentials/sac1', CREDENTIAL),
    () => put('users/anna', USER),
    () => put('shares/cloud', CLOUD_SHARE),
    () => post('shares/cloud/refresh'),
    () => remove('shares/cloud'),
    () => remove('users/anna'),
  ],
  [
    () => put(KUBERNETES, KUBERNETES_ROLE),
    ({ number }) => put(`${KUBERNETES}/addons/arc`, arcAddon(`arc-${number}`)),
    () => put(`${KUBERNETES}/monitoringConfig/default`, MONITORING),
    () => remove(`${KUBERNETES}/monitoringConfig/default`),
    () => remove(`${KUBERNETES}/addons/arc`),
    () => remove(KUBERNETES),
  ],
  [
    () => put(KUBERNETES, KUBERNETES_ROLE),
    () => put(`${KUBERNETES}/addons/iot`, IOT_ADDON),
    () => remove(`${KUBERNETES}/addons/iot`),
    () => put('bandwidthSchedules/nights', SCHEDULE),
    () => remove('bandwidthSchedules/nights'),
  ],
  [
    () => put('roles/iot', IOT_ROLE),
    () => put('triggers/hourly', TIMER_TRIGGER),
    () => remove('triggers/hourly'),
    () => remove('roles/iot'),
    () => put('orders/default', ORDER),
  ],
];

const control = (act: Act): Act => ({ ...act, isOfControl: true });
const FAULTS = '/_edgetwin/faults';

/** Where a fault of that kind is, where it needs a place. */
function placeOf(kind: string, draws: Draws): JsonObject {
  switch (kind) {
    case 'nodeDown':
    case 'gpuLost':
    case 'overTemperature':
      return { node: 1 };
    case 'diskFailing':
    case 'diskFailed':
      return { node: 1, disk: 1 + draws.upTo(4) };
    case 'updateFails':
      return { stage: draws.of(['scan', 'download', 'installSoftware', 'installKubernetes']) };
    default:
      return {};
  }
}

/** The next act of a device that has had `count` before; `kinds` are those of faults. */
export function actOf(
  { count, ...subject }: Subject & { readonly count: number },
  kinds: readonly string[],
  draws: Draws,
): Act {
  if (draws.oneIn(5)) {
    const kind = draws.of(kinds);
    const body = {
      ...{ resource: subject.id, kind, ...placeOf(kind, draws) },
      ...(draws.oneIn(3) ? { after: `PT${1 + draws.upTo(120)}M` } : {}),
      ...(draws.oneIn(6) ? {} : { for: `PT${1 + draws.upTo(600)}M` }),
    };
    return control(post(FAULTS, body));
  }
  if (draws.oneIn(20)) {
    const body = { resource: subject.id, kinds: [...kinds], meanTimeBetween: 'PT8H', for: 'P2D' };
    return control(post(`${FAULTS}/campaigns`, body));
  }
  if (draws.oneIn(24)) {
    return control(post('/_edgetwin/orders/return', { resource: subject.id }));
  }
  const theme = THEMES[subject.number % THEMES.length] ?? [];
  // Of the others the last one, a deletion, ends the device's week.
  const other = draws.oneIn(40) ? REQUESTS.length - 1 : draws.upTo(REQUESTS.length - 1);
  const drawn = draws.oneIn(3) ? undefined : theme[count];
  const act = (drawn ?? REQUESTS[other] ?? REQUESTS[0]!)(subject);
  return { ...act, ...(act.body === undefined ? {} : { body: renamed(act.body, subject) }) };
}

/** Bodies name the device of the tests; here each has its own. */
const renamed = (body: JsonObject, { id }: Subject): JsonObject =>
  JSON.parse(JSON.stringify(body).replaceAll(DEVICE, id)) as JsonObject;
