/**
 * A world in which the official examples of one version can be replayed, one after the other, and what came of each: the
 * service with the device that they name, and what they take for granted around it.
 */
import type { Response } from 'supertest';
import { minutes } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import {
  type ArmClient,
  arcAddon,
  KUBERNETES_ROLE,
  pollUrl,
  SUBSCRIPTION,
} from '../support/arm-client.ts';
import { CLOUD_SHARE, CREDENTIAL, USER } from '../support/bodies.ts';
import type { AnswerCheck } from './answers.ts';
import { type Example, replayable } from './examples.ts';
import type { OfficialContract } from './official.ts';

/** A member of an example's request that we do not take, and what is sent in its place. */
export interface Replacement {
  readonly example: string;
  /** `properties.certificate`; `{name}` for one in the path. */
  readonly member: string;
  /** What is sent. Of `{name}`: which resource's name is meant. */
  readonly value: Json;
  readonly reason: string;
}

/** What came of the examples of one version. */
export interface Replay {
  readonly count: number;
  /** `SharePut: status 400 …`. */
  readonly findings: readonly string[];
  /** Replacements that were needed: the request as published was refused. */
  readonly needed: ReadonlySet<Replacement>;
}

const idOf = (group: string, device: string): string =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}` +
  `/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/${device}`;

/** The device of nearly all examples; those of securitySettings and of the image gallery have their own. */
const DEVICE = idOf('GroupForEdgeAutomation', 'testedgedevice');
const OTHER_DEVICES = [
  idOf('AzureVM', 'testedgedevice'),
  idOf('eusbvt-pod01-edg1', 'eusbvt-masking'),
  idOf('GroupForDataBoxEdgeAutomation', 'testedgedevice'),
];

/** What comes before there is a device, and makes it. */
const BEFORE =
  /^(Operations_|AvailableSkus_|Skus_|Devices_(CreateOrUpdate|GenerateCertificate|UploadCertificate)$)/;

export class Replayer {
  readonly #arm: ArmClient;
  readonly #check: AnswerCheck;
  readonly #contract: OfficialContract;
  readonly #replacements: readonly Replacement[];
  readonly #findings: string[] = [];
  readonly #needed = new Set<Replacement>();
  #lastOperation = '';

  constructor(
    arm: ArmClient,
    check: AnswerCheck,
    parts: { readonly contract: OfficialContract; readonly replacements: readonly Replacement[] },
  ) {
    this.#arm = arm;
    this.#check = check;
    this.#contract = parts.contract;
    this.#replacements = parts.replacements;
  }

  /** Sends each of `examples`; one that is not implemented yet is left out by the caller. */
  async replay(isThere: (operation: string) => boolean): Promise<Replay> {
    const examples = replayable(this.#contract).filter(({ operation }) => isThere(operation.id));
    if (examples.length === 0) return { count: 0, findings: [], needed: this.#needed };
    const group = DEVICE.split('/').slice(0, 5).join('/');
    await this.#arm.call('put', `${group}?api-version=2021-04-01`, { location: 'eastus' });
    for (const url of OTHER_DEVICES) await this.#arm.activeDevice({}, url);
    let isFurnished = false;
    for (const example of examples) {
      if (!isFurnished && !BEFORE.test(example.operation.id)) {
        await this.#furnish();
        isFurnished = true;
      }
      await this.#send(example);
    }
    return { count: examples.length, findings: this.#findings, needed: this.#needed };
  }

  /** What the examples refer to, and nobody of them makes. */
  async #furnish(): Promise<void> {
    // The device that the examples make has an FPGA; it is no place for the Kubernetes role that other examples name.
    if ((await this.#arm.call('delete', DEVICE)).status === 202) {
      await this.#arm.advance(minutes(60));
    }
    await this.#arm.activeDevice({}, DEVICE);
    const elsewhere = `${OTHER_DEVICES[2]!}/storageAccountCredentials/cisbvt`;
    await this.#arm.done('put', elsewhere, CREDENTIAL);
    const put = async (path: string, body: Json): Promise<void> => {
      await this.#arm.done('put', `${DEVICE}/${path}`, body);
    };
    await put('storageAccountCredentials/sac1', CREDENTIAL);
    await put('users/user2', USER);
    await put('storageAccounts/storageaccount1', storageAccount(DEVICE));
    await put('shares/share1', shareOf(DEVICE));
    await put('roles/KubernetesRole', KUBERNETES_ROLE);
    await put('roles/KubernetesRole/addons/earlier', arcAddon('earlier'));
    await this.#arm.done('delete', `${DEVICE}/roles/KubernetesRole/addons/earlier`);
  }

  async #send(example: Example): Promise<void> {
    let response = await this.#call(example, example.url, example.body);
    const replacements = this.#replacements.filter(({ example: name, member }) => {
      const isInBody = member.startsWith('{') || at(example.body, member) !== undefined;
      return name === example.name && isInBody;
    });
    if (response.status >= 400 && replacements.length > 0) {
      for (const replacement of replacements) this.#needed.add(replacement);
      const url = await this.#urlWith(example.url, replacements);
      response = await this.#call(example, url, bodyWith(example.body, replacements));
    }
    this.#judge(example, response);
    if (response.status === 202) await this.#finish(example, response);
    if (example.operation.id === 'Devices_UploadCertificate') await this.#arm.advance(minutes(6));
  }

  async #call(example: Example, url: string, body: JsonObject | undefined): Promise<Response> {
    const method = example.operation.method.toLowerCase() as Parameters<ArmClient['call']>[0];
    return await this.#arm.call(method, url, body);
  }

  #judge(example: Example, response: Response): void {
    const { operation } = example;
    const answer = response.body as JsonObject;
    if (!operation.answers.has(response.status)) {
      this.#find(example, `status ${response.status} ${messageOf(answer)}`);
      return;
    }
    const schema = operation.answers.get(response.status);
    if (schema === undefined) return;
    for (const fault of this.#check.faults(this.#contract, schema, answer)) {
      this.#find(example, fault);
    }
  }

  /** Lets it happen, and makes sure that it did. */
  async #finish(example: Example, accepted: Response): Promise<void> {
    const url = pollUrl(accepted);
    this.#lastOperation = /operation(?:Results|sStatus)\/([^?]+)/i.exec(url)?.[1] ?? '';
    await this.#arm.advance(minutes(240));
    const { status, body } = await this.#arm.call('get', url);
    const ended = body as { readonly status?: string };
    if (status >= 400 || (ended.status ?? 'Succeeded') !== 'Succeeded') {
      this.#find(example, `ends with ${status} ${messageOf(body as JsonObject)}`);
    }
  }

  #find(example: Example, what: string): void {
    this.#findings.push(`${example.name}: ${what}`);
  }

  async #urlWith(url: string, replacements: readonly Replacement[]): Promise<string> {
    const path = replacements.find(({ member }) => member.startsWith('{'));
    if (path === undefined) return url;
    const name = path.value === 'alert' ? await this.#anAlert() : this.#lastOperation;
    return url.replace(/[^/?]+\?/, `${name}?`);
  }

  async #anAlert(): Promise<string> {
    const { value } = (await this.#arm.get(`${DEVICE}/alerts`)) as { value: { name: string }[] };
    return value[0]?.name ?? 'no-alert';
  }
}

const messageOf = ({ error }: JsonObject): string =>
  (error as { readonly message?: string } | undefined)?.message ?? '';

const storageAccount = (device: string): JsonObject => ({
  properties: {
    dataPolicy: 'Cloud',
    storageAccountCredentialId: `${device}/storageAccountCredentials/sac1`,
  },
});

const shareOf = (device: string): JsonObject => ({
  properties: {
    ...CLOUD_SHARE.properties,
    azureContainerInfo: {
      ...CLOUD_SHARE.properties.azureContainerInfo,
      storageAccountCredentialId: `${device}/storageAccountCredentials/sac1`,
    },
    userAccessRights: [{ userId: `${device}/users/user2`, accessType: 'Change' }],
  },
});

/** The member at `properties.certificate`. */
function at(body: JsonObject | undefined, path: string): Json | undefined {
  let value: Json | undefined = body;
  for (const step of path.split('.')) {
    value = (value as Readonly<Record<string, Json>> | undefined)?.[step];
  }
  return value;
}

function bodyWith(
  body: JsonObject | undefined,
  replacements: readonly Replacement[],
): JsonObject | undefined {
  if (body === undefined) return undefined;
  const copy = structuredClone(body);
  for (const { member, value } of replacements) {
    if (member.startsWith('{')) continue;
    const steps = member.split('.');
    const last = steps.pop()!;
    const holder = steps.length === 0 ? copy : (at(copy, steps.join('.')) as JsonObject);
    holder[last] = value;
  }
  return copy;
}
