/**
 * diagnosticRemoteSupportSettings/default: who of support may come in, how far, and until when. There from the beginning,
 * and empty; a session ends by itself and is no longer shown then. The portal offers 7, 15, 21 or 30 days (rsup); over the
 * API any end up to 30 days ahead is taken [ours]. The type in its answers is the examples' [S].
 */
import type { Received } from '#arm/resource-type.ts';
import { named, object, oneOf } from '#arm/schema.ts';
import type { Accepted, Shown } from '#arm/schema-types.ts';
import { dateTime, optional, optionalList, optionalString } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { SupportSessionRequest } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
import { days, formatInstant, parseInstant, plus } from '#shared/instant.ts';
import { envelope, systemDataSince } from './base/envelope.ts';
import { deviceOf, machineStep, observe } from './base/machine.ts';
import { defineResource, type Existing, type Target } from './base/define.ts';

/** The shortest of the portal's, where no end is given [ours]. */
const DEFAULT_LENGTH = days(7);
const MAX_LENGTH = days(30);

const session = object(
  {
    remoteApplicationType: optional(
      oneOf(['Powershell', 'WAC', 'LocalUI', 'AllApplications'], named('RemoteApplicationType')),
    ),
    accessLevel: optional(
      oneOf(['None', 'ReadOnly', 'ReadWrite', 'FullAccess'], named('AccessLevel')),
    ),
    expirationTimeStampInUTC: optionalString(dateTime),
  },
  named('RemoteSupportSettings'),
);

const schema = object(
  {
    ...envelope,
    properties: object(
      { remoteSupportSettingsList: optionalList(session) },
      named('DiagnosticRemoteSupportSettingsProperties'),
    ),
    systemData: systemDataSince('2021-02-01'),
  },
  named('DiagnosticRemoteSupportSettings'),
);

type Settings = Accepted<typeof schema>;

export const diagnosticRemoteSupportSettings = defineResource({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/diagnosticRemoteSupportSettings',
  nameParameter: 'name',
  singleton: 'default',
  versions: DATA_BOX_EDGE_VERSIONS,
  schema,
  operations: {
    get: { id: 'DiagnosticSettings_GetDiagnosticRemoteSupportSettings', since: '2021-02-01' },
    put: {
      id: 'DiagnosticSettings_UpdateDiagnosticRemoteSupportSettings',
      since: '2021-02-01',
      published: { bodilessIn: '2021-02-01' },
      isVisibleAtOnce: true,
      plan: planPut,
    },
  },
  receive,
  check,
  builtIns: async () => [{ name: 'default', body: { properties: {} } }],
  view,
});

const MEMBER = 'properties.remoteSupportSettingsList';

const settingsOf = ({ properties }: Settings) => properties.remoteSupportSettingsList ?? [];

/** Puts the defaults in, so that the end of a session is counted from the request, not from when it is carried out. */
async function receive(target: Target, body: Settings): Promise<Received<Settings>> {
  const end = formatInstant(plus(target.now, DEFAULT_LENGTH));
  const remoteSupportSettingsList = settingsOf(body).map((setting) => ({
    remoteApplicationType: setting.remoteApplicationType ?? 'AllApplications',
    // Nothing asked for, nothing given [ours].
    accessLevel: setting.accessLevel ?? 'None',
    expirationTimeStampInUTC: setting.expirationTimeStampInUTC ?? end,
  }));
  return { body: { ...body, properties: { remoteSupportSettingsList } } };
}

async function check(target: Target, body: Settings): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  const applications = new Set<string>();
  for (const [index, setting] of settingsOf(body).entries()) {
    const application = setting.remoteApplicationType ?? '';
    if (applications.has(application)) {
      faults.push({
        target: `${MEMBER}[${index}].remoteApplicationType`,
        message: `The application '${application}' must not be given twice.`,
      });
    }
    applications.add(application);
    const end = parseInstant(setting.expirationTimeStampInUTC ?? '');
    if (end === undefined) {
      faults.push({
        target: `${MEMBER}[${index}].expirationTimeStampInUTC`,
        message:
          'The end of a support session must be a date and time with a time zone, such as 2026-01-01T00:00:00Z.',
      });
    } else if (end > plus(target.now, MAX_LENGTH)) {
      faults.push({
        target: `${MEMBER}[${index}].expirationTimeStampInUTC`,
        message: 'A support session ends within 30 days.',
      });
    }
  }
  return faults;
}

async function planPut(target: Target, body: Settings) {
  const sessions = settingsOf(body).flatMap((setting): SupportSessionRequest[] => {
    const { remoteApplicationType: application, accessLevel: access } = setting;
    const expiresAt = parseInstant(setting.expirationTimeStampInUTC ?? '');
    if (expiresAt === undefined || application === undefined) return [];
    return access === undefined || access === 'None' ? [] : [{ application, access, expiresAt }];
  });
  return [machineStep(target, { kind: 'setRemoteSupport', sessions })];
}

async function view(target: Existing): Promise<Shown<typeof schema>> {
  const { support } = await observe(target);
  return {
    properties: {
      remoteSupportSettingsList: support.sessions.map(({ application, access, expiresAt }) => ({
        remoteApplicationType: application,
        accessLevel: access,
        expirationTimeStampInUTC: formatInstant(expiresAt),
      })),
    },
    id: `${deviceOf(target).id}/diagnosticRemoteSupportSettings/default`,
    name: 'default',
    // Its own type, as every recorded child has; the examples' `diagnosticSettings` is a short form of theirs [inf].
    type: 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/diagnosticRemoteSupportSettings',
  };
}
