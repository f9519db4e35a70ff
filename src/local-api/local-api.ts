/**
 * The local web interface of a device over its REST API: sign-in, configuration, status, diagnostics, consent. It says what ARM cannot
 * say about a machine, and is how one is activated by hand. No HTTP types: `http.ts` mounts it. Sources: [psm], [doc] (local-api).
 */
import { randomUUID } from 'node:crypto';
import type { Command, LocalView, MachineHandle, VirtualIp } from '#fleet/fleet.ts';
import { RefusedError } from '#shared/failure.ts';
import { formatInstant } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import { readActivationKey } from '#vault/activation-key.ts';
import type { LocalApiParts } from './parts.ts';
import {
  DECLARATIONS,
  invalidPackage,
  type Package,
  readPackage,
  readVirtualIp,
} from './read-package.ts';
import { Sessions } from './sessions.ts';
import { readWitness, witnessView } from './witness.ts';

/** By hand: no technician sets up anything besides. */
const ACTIVATE: Command = { kind: 'activate', isByHand: true };

export class LocalApi {
  readonly #parts: LocalApiParts;
  readonly sessions: Sessions;

  constructor(parts: LocalApiParts) {
    this.#parts = parts;
    this.sessions = new Sessions(parts);
  }

  /** The machine of a device by its ARM id; throws a 404 where there is none. */
  async machineOf(resourceId: string): Promise<MachineHandle> {
    const device = await this.#parts.findDevice(resourceId);
    if (device === undefined) {
      throw new RefusedError(404, { code: 'NotFound', message: 'There is no such device here.' });
    }
    return device.machine;
  }

  /** `GET DeviceConfiguration`. */
  async configuration(machine: MachineHandle): Promise<JsonObject> {
    return { device: deviceOf(await this.#viewOf(machine)) };
  }

  /** `POST DeviceConfiguration`: takes the package, which takes its time; answers with the configuration [ours]. */
  async configure(machine: MachineHandle, body: unknown): Promise<JsonObject> {
    const view = await this.#viewOf(machine);
    if (view.isBusy) throw conflict('The device is being configured already.');
    const asked = readPackage(body, view);
    const { declarations, config } = asked;
    const configuring = { kind: 'configureLocally', declarations, config } as const;
    // Whatever refuses a part refuses it before another part is taken.
    await this.#checkActivation(machine, asked, view);
    if (isConfiguring(asked)) await this.#check(machine, configuring);
    if (asked.password !== undefined) await this.#changePassword(machine, asked.password);
    if (isConfiguring(asked)) await this.#command(machine, configuring);
    if (asked.activationKey !== undefined) await this.#activate(machine, asked.activationKey);
    return await this.configuration(machine);
  }

  /** `GET DeviceConfiguration/Status`. */
  async status(machine: MachineHandle): Promise<JsonObject> {
    const { isBusy, run } = await this.#viewOf(machine);
    return {
      deviceConfiguration: {
        status: isBusy ? 'InProgress' : 'Complete',
        results: resultsOf(run, !isBusy),
      },
    };
  }

  /** `GET DeviceConfiguration/diagnostic`: the latest run. */
  async diagnostics(machine: MachineHandle): Promise<JsonObject> {
    const { diagnostics, isTesting } = await this.#viewOf(machine);
    return {
      lastRefreshTime: formatInstant(diagnostics?.at) ?? null,
      status: isTesting ? 'InProgress' : diagnostics === undefined ? 'NotExecuted' : 'Complete',
      diagnostics: (diagnostics?.results ?? []).map((result) => ({ ...result })),
    };
  }

  /** `POST DeviceConfiguration/diagnostic`: begins one. */
  async runDiagnostics(machine: MachineHandle): Promise<JsonObject> {
    await this.#command(machine, { kind: 'runDiagnostics' });
    return await this.diagnostics(machine);
  }

  /** `GET DeviceConfiguration/supportConsent`. */
  async consent(machine: MachineHandle): Promise<Json> {
    return (await this.#viewOf(machine)).collectsLogs;
  }

  /** `POST DeviceConfiguration/supportConsent`: `true` or `false`; ARM's setting tells the same. */
  async setConsent(machine: MachineHandle, body: unknown): Promise<Json> {
    if (typeof body !== 'boolean') {
      throw invalidPackage([{ target: 'body', message: 'The body must be true or false.' }]);
    }
    await this.#command(machine, { kind: 'setLogCollection', isEnabled: body });
    return body;
  }

  /** `GET DeviceConfiguration/vip`: the virtual IPs of a device with two nodes. */
  async virtualIps(machine: MachineHandle): Promise<JsonObject> {
    refuseSingle(machine);
    const { config } = await this.#viewOf(machine);
    return { acsVIP: vipOf('ACS', config.acsVip), nfsVIP: vipOf('NFS', config.nfsVip) };
  }

  /** `POST DeviceConfiguration/vip`: sets one; it takes as long as any configuration [ours]. */
  async setVirtualIp(machine: MachineHandle, body: unknown): Promise<JsonObject> {
    refuseSingle(machine);
    const config = readVirtualIp(body);
    await this.#command(machine, { kind: 'configureLocally', declarations: [], config });
    return await this.virtualIps(machine);
  }

  /** `GET DeviceConfiguration/witness`: the cluster witness of a device with two nodes. */
  async witness(machine: MachineHandle): Promise<JsonObject> {
    refuseSingle(machine);
    return witnessView((await this.#viewOf(machine)).witness);
  }

  /** `POST DeviceConfiguration/witness`: sets it; it takes as long as any configuration [ours]. */
  async setWitness(machine: MachineHandle, body: unknown): Promise<JsonObject> {
    refuseSingle(machine);
    const config = readWitness(body, await this.#viewOf(machine));
    await this.#command(machine, { kind: 'configureLocally', declarations: [], config });
    return await this.witness(machine);
  }

  async #viewOf(machine: MachineHandle): Promise<LocalView> {
    const view = await this.#parts.fleet.localViewOf(machine);
    if (view !== undefined) return view;
    throw new RefusedError(500, {
      code: 'InternalServerError',
      message: 'The stored state of the device cannot be read.',
    });
  }

  async #checkActivation(
    machine: MachineHandle,
    { activationKey, config }: Package,
    view: LocalView,
  ): Promise<void> {
    if (activationKey === undefined) return;
    const parts = readActivationKey(activationKey);
    const target = 'device.activation.activationKey';
    if ('fault' in parts) throw invalidPackage([{ target, message: parts.fault }]);
    const id =
      `/subscriptions/${parts.subscriptionId}/resourceGroups/${parts.resourceGroup}` +
      `/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/${parts.resourceName}`;
    if (id.toLowerCase() !== machine.owner.resourceKey) {
      throw invalidPackage([{ target, message: 'The activation key is that of another device.' }]);
    }
    const fault = await this.#parts.vault.faultOfActivationKey(machine.id, parts);
    if (fault !== undefined) throw invalidPackage([{ target, message: fault }]);
    if (view.lacksCertificates(config)) {
      const message =
        'A device with another name or DNS domain needs certificates for them before it is activated.';
      throw invalidPackage([{ target: 'device.certificates', message }]);
    }
    await this.#check(machine, ACTIVATE);
  }

  /** Throws what `command` would be refused with now. */
  async #check(machine: MachineHandle, command: Command): Promise<void> {
    const refusal = await this.#parts.fleet.refusalOf(machine, command);
    if (refusal !== undefined) throw new RefusedError(409, refusal);
  }

  async #activate(machine: MachineHandle, activationKey: string): Promise<void> {
    const parts = readActivationKey(activationKey);
    if ('fault' in parts) return;
    await this.#parts.vault.adoptChannelIntegrityKey(machine.id, parts.serviceDataIntegrityKey);
    await this.#command(machine, ACTIVATE);
  }

  async #changePassword(
    machine: MachineHandle,
    { current, next }: NonNullable<Package['password']>,
  ): Promise<void> {
    if (!(await this.sessions.isPassword(machine.id, current))) {
      const message = 'The current password is wrong.';
      throw invalidPackage([{ target: 'device.password.currentPassword', message }]);
    }
    await this.sessions.change(machine.id, next, {});
  }

  async #command(machine: MachineHandle, command: Command): Promise<void> {
    const id = `local/${randomUUID()}`;
    const outcome = await this.#parts.fleet.command(machine, id, command);
    if ('refused' in outcome) throw new RefusedError(409, outcome.refused);
  }
}

/**
 * The results of the latest package: of what it named; and where it activates the device of everything, what it did not name as not
 * executed [doc].
 */
function resultsOf(run: LocalView['run'], isOver: boolean): JsonObject[] {
  if (run === undefined) return [];
  const shown = run.names.includes('Activation') ? DECLARATIONS : run.names;
  return shown.map((declarationName) => {
    const isDone = run.isOver && isOver && run.names.includes(declarationName);
    return {
      declarationName,
      resultCode: isDone ? 'Success' : 'NotExecuted',
      errorCode: 'None',
      message: isDone ? null : '',
    };
  });
}

/** Whether the package changes what the device is configured with. */
const isConfiguring = ({ declarations, config }: Package): boolean =>
  declarations.length > 0 || config.certificates !== undefined;

function refuseSingle({ spec }: MachineHandle): void {
  if (spec.nodeCount === 2) return;
  throw new RefusedError(400, {
    code: 'NotSupported',
    message: 'A device with one node has neither virtual IPs nor a witness.',
  });
}

/** A virtual IP as it is read; without addresses where none is set. */
const vipOf = (type: 'ACS' | 'NFS', vip: VirtualIp | undefined): JsonObject => ({
  type,
  name: type === 'ACS' ? 'Azure Consistent Services' : 'Network File System',
  address: vip?.address ?? null,
  network:
    vip === undefined
      ? null
      : {
          name: 'Cluster network',
          address: vip.network,
          subnet: null,
          dhcpEnabled: vip.isDhcpEnabled,
        },
  isDhcpEnabled: vip?.isDhcpEnabled ?? false,
});

const conflict = (message: string): RefusedError =>
  new RefusedError(409, { code: 'ConfigurationInProgress', message });

/** The configuration as it is read; what only writes carry is null or absent [doc]. */
function deviceOf(view: LocalView): JsonObject {
  const { config, interfaces, nodes } = view;
  return {
    deviceInfo: {
      model: 'Azure Stack Edge',
      softwareVersion: view.softwareVersion,
      serialNumber: nodes[0]?.name ?? '',
      isActivated: view.isActivated,
      nodes: nodes.map((node) => ({ ...node })),
    },
    deviceEndpoint: { ...config.deviceEndpoint },
    encryptionAtRestKeys: null,
    network: {
      dhcpPolicy: 'AttemptRenew',
      interfaces: [...interfaces],
      vSwitches: config.vSwitches.map((one) => ({
        ...one,
        ipAddressPools: one.ipAddressPools.map((pool) => ({ ...pool })),
      })),
      virtualNetworks: [...config.virtualNetworks],
    },
    time: { ...config.time },
    update: { ...config.update },
    webProxy: { ...config.webProxy, password: null },
  };
}
