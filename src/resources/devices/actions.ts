/**
 * The actions of a device: those of its activation and of its extended information have files of their own; here are the
 * jobs of the update and of support, the capacity check and the administrator's password.
 * Sources: upd §12, [rec 11, 13–15], tshoot and access §3, §15, [S].
 */
import { type TSchema, Type } from 'typebox';
import type { DeclaredAction } from '#arm/declaration.ts';
import { named, object, onlyIn } from '#arm/schema.ts';
import type { Accepted } from '#arm/schema-types.ts';
import { dateTime, optional, optionalList, optionalString, readOnlyString } from '#arm/shapes.ts';
import { type Placement, placementsIn } from '#fleet/fleet.ts';
import type { Step } from '#operations/operation.ts';
import { present } from '#shared/assert.ts';
import type { Fault } from '#shared/failure.ts';
import { parseInstant } from '#shared/instant.ts';
import { openSecret, requiredSecret } from '../base/encrypted-secret.ts';
import { envelope } from '../base/envelope.ts';
import { machineStep, observe } from '../base/machine.ts';
import { defineAction, type Existing } from '../base/define.ts';
import type { StoredDevice } from './stored-device.ts';
import { activationActions } from './activation.ts';
import { extendedInformationActions } from './extended-information.ts';

type JobCommand = 'scanForUpdates' | 'downloadUpdates' | 'installUpdates' | 'triggerSupportPackage';

const securitySettings = object(
  {
    ...envelope,
    properties: object(
      { deviceAdminPassword: requiredSecret },
      named('SecuritySettingsProperties'),
    ),
  },
  named('SecuritySettings'),
);

const supportPackageRequest = object(
  {
    ...envelope,
    properties: object(
      {
        minimumTimeStamp: optionalString(dateTime),
        maximumTimeStamp: optionalString(dateTime),
        include: optionalString(),
      },
      named('SupportPackageRequestProperties'),
    ),
  },
  named('TriggerSupportPackageRequest'),
);

const placementResult = object(
  {
    vmSize: optionalList(Type.String()),
    isFeasible: optional(Type.Boolean()),
    messageCode: optionalString(),
    message: optionalString(),
  },
  named('VmPlacementRequestResult'),
);

const capacityRequest = object(
  {
    properties: object(
      {
        vmPlacementQuery: Type.Array(Type.Array(Type.String())),
        vmPlacementResults: optionalList(placementResult),
        deviceCapacityRequestType: readOnlyString(onlyIn('2023-01-01-preview')),
      },
      named('DeviceCapacityRequestInfoProperties'),
    ),
  },
  named('DeviceCapacityRequestInfo'),
);

export const deviceActions = {
  deviceCapacityCheck: defineAction({
    id: 'DeviceCapacityCheck_CheckResourceCreationFeasibility',
    since: '2022-03-01',
    published: {
      // Taken, and without a meaning here: no document says what capacities there are [ours].
      query: { capacityName: '..' },
      finalState: { via: 'azure-async-operation', in: '..' },
    },
    style: 'async',
    leavesFree: true,
    pollPath: 'deviceCapacityCheck',
    body: capacityRequest,
    plan: capacityPlan,
  }),
  scanForUpdates: jobAction('scanForUpdates', { id: 'Devices_ScanForUpdates' }),
  downloadUpdates: jobAction('downloadUpdates', { id: 'Devices_DownloadUpdates' }),
  ...activationActions,
  ...extendedInformationActions,
  installUpdates: jobAction('installUpdates', { id: 'Devices_InstallUpdates' }),
  'securitySettings/default/update': defineAction({
    id: 'Devices_CreateOrUpdateSecuritySettings',
    published: { statuses: [202, 204] },
    pollPath: 'securitySettings/default',
    body: securitySettings,
    isBodySecret: true,
    check: passwordFaults,
    plan: async (target: Existing<StoredDevice>) => [
      machineStep(target, { kind: 'changePassword' }),
    ],
  }),
  triggerSupportPackage: jobAction('triggerSupportPackage', {
    id: 'SupportPackages_TriggerSupportPackage',
    since: '2021-02-01',
    pollPath: 'triggerSupportPackage',
    body: supportPackageRequest,
    check: supportPackageFaults,
  }),
} as const;

type Device = Existing<StoredDevice>;
type Job<B extends TSchema> = DeclaredAction & {
  readonly body?: B;
  readonly check?: (target: Device, body: Accepted<B>) => Promise<readonly Fault[]>;
};

/** An action that is a job of the machine's. The job has the operation's own id: both poll families show the same one [S]. */
function jobAction<B extends TSchema>(kind: JobCommand, declared: Job<B>) {
  return defineAction({
    ...declared,
    style: 'job',
    plan: async (target: Device, _body: Accepted<B>, operationId) => [
      machineStep(target, { kind, job: operationId }),
    ],
  });
}

/** The machine takes its time; then the result is what fits into what is free at that moment. */
async function capacityPlan(
  target: Device,
  { properties: { vmPlacementQuery } }: Accepted<typeof capacityRequest>,
): Promise<readonly Step[]> {
  return [
    machineStep(target, { kind: 'checkCapacity' }),
    {
      name: 'place',
      run: async () => {
        const capacity = present((await observe(target)).capacity, 'capacity after its check');
        const vmPlacementResults = placementsIn(capacity, vmPlacementQuery).map(placementView);
        return { done: true, output: { vmPlacementResults } };
      },
    },
  ];
}

const placementView = ({
  sizes,
  isFeasible,
  code,
  message,
}: Placement): Accepted<typeof placementResult> => ({
  vmSize: [...sizes],
  isFeasible,
  messageCode: code,
  message,
});

const MIN_PASSWORD_LENGTH = 8;
/** Of upper case, lower case, digits and others: so many must be there (access). */
const MIN_CLASSES = 3;
const CLASSES = [/\p{Lu}/u, /\p{Ll}/u, /\p{Nd}/u, /[^\p{Lu}\p{Ll}\p{Nd}]/u];

/** Opens the password and checks it. It is not kept: nobody signs in on a simulated machine. */
async function passwordFaults(
  device: Device,
  { properties: { deviceAdminPassword } }: Accepted<typeof securitySettings>,
): Promise<readonly Fault[]> {
  const target = 'properties.deviceAdminPassword';
  const opened = await openSecret(device, deviceAdminPassword);
  if ('fault' in opened) return [{ target, message: opened.fault }];
  const classes = CLASSES.filter((one) => one.test(opened.plain)).length;
  if (opened.plain.length >= MIN_PASSWORD_LENGTH && classes >= MIN_CLASSES) return [];
  const message = `The password has at least ${MIN_PASSWORD_LENGTH} characters, of three of these kinds or more: upper case, lower case, digits, others.`;
  return [{ target, message }];
}

const KINDS_OF_LOGS = ['Default', 'DefaultWithDumps', 'None', 'All', 'DefaultWithArchived'];

/** The time span must not end before it begins; `include` is a known word or a list of log types, which nobody lists. */
async function supportPackageFaults(
  _device: Device,
  { properties: asked }: Accepted<typeof supportPackageRequest>,
): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  const [from, to] = [asked.minimumTimeStamp, asked.maximumTimeStamp].map((text) =>
    text === undefined ? undefined : parseInstant(text),
  );
  if (from !== undefined && to !== undefined && from > to) {
    faults.push({
      target: 'properties.maximumTimeStamp',
      message: 'The time span ends before it begins.',
    });
  }
  const { include = '' } = asked;
  const isList = include.split(',').every((type) => /^\s*[A-Za-z][\w -]*$/.test(type));
  if (include !== '' && !isList) {
    faults.push({
      target: 'properties.include',
      message: `'${include}' is none of ${KINDS_OF_LOGS.join(', ')} and no list of log types.`,
    });
  }
  return faults;
}
