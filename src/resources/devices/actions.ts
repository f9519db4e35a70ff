/**
 * The actions of a device: those of its activation and of its extended information have files of their own; here are the
 * jobs of the update and of support, the capacity check and the administrator's password.
 * Sources: upd §12, [rec 11, 13–15], tshoot and access §3, §15, [S].
 */
import { Type } from 'typebox';
import { named, object, onlyIn, shownText } from '#arm/schema.ts';
import { dateTime, mayList, mayText } from '#arm/shapes.ts';
import { type Placement, placementsIn } from '#fleet/fleet.ts';
import type { Step } from '#operations/operation.ts';
import { present } from '#shared/assert.ts';
import type { Fault } from '#shared/failure.ts';
import { parseInstant } from '#shared/instant.ts';
import { type JsonObject, objectIn, textIn } from '#shared/json.ts';
import { openSecret, requiredSecret } from '../base/encrypted-secret.ts';
import { envelope } from '../base/envelope.ts';
import { machineStep, observe } from '../base/machine.ts';
import type { Existing, StoredAction } from '../base/define.ts';
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
        minimumTimeStamp: mayText(dateTime),
        maximumTimeStamp: mayText(dateTime),
        include: mayText(),
      },
      named('SupportPackageRequestProperties'),
    ),
  },
  named('TriggerSupportPackageRequest'),
);

const capacityRequest = object(
  {
    properties: object(
      {
        vmPlacementQuery: Type.Array(Type.Array(Type.String())),
        vmPlacementResults: mayList(
          object(
            {
              vmSize: mayList(Type.String()),
              isFeasible: Type.Optional(Type.Boolean()),
              messageCode: mayText(),
              message: mayText(),
            },
            named('VmPlacementRequestResult'),
          ),
        ),
        deviceCapacityRequestType: shownText(onlyIn('2023-01-01-preview')),
      },
      named('DeviceCapacityRequestInfoProperties'),
    ),
  },
  named('DeviceCapacityRequestInfo'),
);

export const deviceActions: Readonly<Record<string, StoredAction>> = {
  deviceCapacityCheck: {
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
  },
  scanForUpdates: { id: 'Devices_ScanForUpdates', style: 'job', plan: jobPlan('scanForUpdates') },
  downloadUpdates: {
    id: 'Devices_DownloadUpdates',
    style: 'job',
    plan: jobPlan('downloadUpdates'),
  },
  ...activationActions,
  ...extendedInformationActions,
  installUpdates: { id: 'Devices_InstallUpdates', style: 'job', plan: jobPlan('installUpdates') },
  'securitySettings/default/update': {
    id: 'Devices_CreateOrUpdateSecuritySettings',
    published: { statuses: [202, 204] },
    pollPath: 'securitySettings/default',
    body: securitySettings,
    receive: receivePassword,
    plan: async (target) => [machineStep(target, { kind: 'changePassword' })],
  },
  triggerSupportPackage: {
    id: 'SupportPackages_TriggerSupportPackage',
    since: '2021-02-01',
    style: 'job',
    pollPath: 'triggerSupportPackage',
    body: supportPackageRequest,
    receive: checkSupportPackage,
    plan: jobPlan('triggerSupportPackage'),
  },
};

/** The job has the operation's own id: both poll families show the same one [S]. */
function jobPlan(kind: JobCommand) {
  return async (
    target: Existing,
    _body: JsonObject,
    operationId: string,
  ): Promise<readonly Step[]> => [machineStep(target, { kind, job: operationId })];
}

/** The machine takes its time; then the result is what fits into what is free at that moment. */
async function capacityPlan(target: Existing, body: JsonObject): Promise<readonly Step[]> {
  const query = objectIn(body, 'properties').vmPlacementQuery as string[][];
  return [
    machineStep(target, { kind: 'checkCapacity' }),
    {
      name: 'place',
      run: async () => {
        const capacity = present((await observe(target)).capacity, 'capacity after its check');
        const vmPlacementResults = placementsIn(capacity, query).map(placementView);
        return { done: true, output: { vmPlacementResults } };
      },
    },
  ];
}

const placementView = ({ sizes, isFeasible, code, message }: Placement): JsonObject => ({
  vmSize: [...sizes],
  isFeasible,
  messageCode: code,
  message,
});

const SHORTEST_PASSWORD = 8;
/** Of upper case, lower case, digits and others: so many must be there (access). */
const FEWEST_CLASSES = 3;
const CLASSES = [/\p{Lu}/u, /\p{Ll}/u, /\p{Nd}/u, /[^\p{Lu}\p{Ll}\p{Nd}]/u];

/** Opens the password and looks at it. It is not kept: nobody signs in on a simulated machine. */
async function receivePassword(target: Existing, body: JsonObject) {
  const member = 'properties.deviceAdminPassword';
  const secret = objectIn(objectIn(body, 'properties'), 'deviceAdminPassword');
  const opened = await openSecret(target, secret);
  if ('fault' in opened) return { faults: [{ target: member, message: opened.fault }] };
  const classes = CLASSES.filter((one) => one.test(opened.plain)).length;
  if (opened.plain.length < SHORTEST_PASSWORD || classes < FEWEST_CLASSES) {
    const message = `The password has at least ${SHORTEST_PASSWORD} characters, of three of these kinds or more: upper case, lower case, digits, others.`;
    return { faults: [{ target: member, message }] };
  }
  return { body: {} };
}

const KINDS_OF_LOGS = ['Default', 'DefaultWithDumps', 'None', 'All', 'DefaultWithArchived'];

/** The time span must not end before it begins; `include` is a known word or a list of log types, which nobody lists. */
async function checkSupportPackage(_target: Existing, body: JsonObject) {
  const asked = objectIn(body, 'properties');
  const faults: Fault[] = [];
  const [from, to] = [asked.minimumTimeStamp, asked.maximumTimeStamp].map((text) =>
    typeof text === 'string' ? parseInstant(text) : undefined,
  );
  if (from !== undefined && to !== undefined && from > to) {
    faults.push({
      target: 'properties.maximumTimeStamp',
      message: 'The time span ends before it begins.',
    });
  }
  const include = textIn(asked, 'include');
  const isList = include.split(',').every((type) => /^\s*[A-Za-z][\w -]*$/.test(type));
  if (include !== '' && !isList) {
    faults.push({
      target: 'properties.include',
      message: `'${include}' is none of ${KINDS_OF_LOGS.join(', ')} and no list of log types.`,
    });
  }
  return faults.length > 0 ? { faults } : { body };
}
