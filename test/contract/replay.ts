/**
 * A world in which the official examples of one version can be replayed, one after the other, and what came of each: the
 * service with the device that they name, and what they take for granted around it.
 */
import type { TestContext } from 'node:test';
import type { Response } from 'supertest';
import { minutes } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import { type ArmClient, KUBERNETES_ROLE, pollUrl, SUBSCRIPTION } from '../support/arm-client.ts';
import { changed, CLOUD_SHARE, CREDENTIAL, ORDER, USER } from '../support/bodies.ts';
import { startService } from '../support/service.ts';
import type { AnswerCheck } from './answers.ts';
import { find, type Findings } from './compare.ts';
import { deviations, type Replacement } from './deviations.ts';
import { type Example, replayable, shownTypeIn, urlOf } from './examples.ts';
import type { OfficialContract } from './official.ts';

/** What came of all examples. */
export interface Replays {
  count: number;
  /** `SharePut: status 400 …` → the versions. */
  readonly findings: Findings;
  /** Replacements that were needed: the request as published was refused. */
  readonly needed: Set<Replacement>;
}

/** Replays the examples of one version in a service of their own, which ends with `test`; adds to `replays`. */
export async function replayed(
  test: Pick<TestContext, 'after'>,
  check: AnswerCheck,
  { contract, replays }: { readonly contract: OfficialContract; readonly replays: Replays },
): Promise<void> {
  const examples = replayable(contract);
  if (examples.length === 0) return;
  // The examples are of a time when every SKU could be had.
  const arm = await startService(test, { EDGETWIN_SKUS: 'all' });
  const replayer = new Replayer(arm, check, { contract, replays });
  await replayer.replay(examples);
  replays.count += examples.length;
}

const idOf = (subscription: string, group: string, device: string): string =>
  `/subscriptions/${subscription}/resourceGroups/${group}` +
  `/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/${device}`;

/** The device of nearly all examples. */
const DEVICE = idOf(SUBSCRIPTION, 'GroupForEdgeAutomation', 'testedgedevice');
/** The device whose credential a storage account of the examples uses. */
const NEIGHBOUR = idOf(SUBSCRIPTION, 'GroupForDataBoxEdgeAutomation', 'testedgedevice');

/** Soon enough to cancel it. */
const AFTER_AN_ORDER = minutes(10);

/** What comes before there is a device, and makes it. */
const BEFORE =
  /^(Operations_|AvailableSkus_|Skus_|Devices_(CreateOrUpdate|GenerateCertificate|UploadCertificate)$)/;

class Replayer {
  readonly #arm: ArmClient;
  readonly #check: AnswerCheck;
  readonly #contract: OfficialContract;
  readonly #replays: Replays;
  #lastJob = '';

  constructor(
    arm: ArmClient,
    check: AnswerCheck,
    { contract, replays }: { readonly contract: OfficialContract; readonly replays: Replays },
  ) {
    this.#arm = arm;
    this.#check = check;
    this.#contract = contract;
    this.#replays = replays;
  }

  /** Sends each of `examples`, with what it takes for granted made before. */
  async replay(examples: readonly Example[]): Promise<void> {
    const group = DEVICE.split('/').slice(0, 5).join('/');
    await this.#arm.call('put', `${group}?api-version=2021-04-01`, { location: 'eastus' });
    for (const url of devicesOf(examples)) {
      if (url !== DEVICE) await this.#arm.activeDevice({ sku: this.#sku }, url);
    }
    let isFurnished = false;
    for (const example of examples) {
      const { id } = example.operation;
      if (!isFurnished && !BEFORE.test(id)) {
        await this.#furnish();
        isFurnished = true;
      }
      if (id === 'StorageAccountCredentials_Delete') await this.#clear();
      if (id.startsWith('Orders_') && id !== 'Orders_CreateOrUpdate') await this.#order();
      await this.#send(example);
    }
  }

  /** What the examples refer to, and nobody of them makes. */
  async #furnish(): Promise<void> {
    // The device that the examples make has an FPGA; it is no place for the Kubernetes role that other examples name.
    if ((await this.#arm.call('delete', DEVICE)).status === 202) {
      await this.#arm.advance(minutes(60));
    }
    await this.#arm.activeDevice({ sku: this.#sku }, DEVICE);
    await this.#arm.activeDevice({ sku: this.#sku }, NEIGHBOUR);
    await this.#arm.done('put', `${NEIGHBOUR}/storageAccountCredentials/cisbvt`, CREDENTIAL);
    await this.#put('storageAccountCredentials/sac1', CREDENTIAL);
    await this.#put('users/user2', USER);
    await this.#put('storageAccounts/storageaccount1', STORAGE_ACCOUNT);
    await this.#put('shares/share1', SHARE);
    if (this.#hasKubernetes) await this.#put('roles/KubernetesRole', KUBERNETES_ROLE);
    await this.#arm.done('post', `${DEVICE}/scanForUpdates`);
  }

  get #hasKubernetes(): boolean {
    return this.#contract.operations.has('Addons_Get');
  }

  /** What the version knows. */
  get #sku(): JsonObject {
    return { name: this.#hasKubernetes ? 'EdgeP_Base' : 'Edge' };
  }

  async #put(path: string, body: Json): Promise<void> {
    await this.#arm.done('put', `${DEVICE}/${path}`, body);
  }

  /** Takes away what keeps the example's own credential. */
  async #clear(): Promise<void> {
    await this.#arm.done('delete', `${DEVICE}/shares/share1`);
  }

  /** An order that can still be canceled, for versions whose examples make none. */
  async #order(): Promise<void> {
    const url = `${DEVICE}/orders/default`;
    if ((await this.#arm.call('get', url)).status === 404) {
      await this.#arm.done('put', url, ORDER, AFTER_AN_ORDER);
    }
  }

  async #send(example: Example): Promise<void> {
    let response = await this.#call(example);
    const replacements = deviations.replacements.filter(
      ({ example: name, member }) => name === example.name && hasMember(example, member),
    );
    if (response.status >= 400 && replacements.length > 0) {
      for (const replacement of replacements) this.#replays.needed.add(replacement);
      response = await this.#call(await this.#replaced(example, replacements));
    }
    this.#judge(example, response);
    if (response.status === 202) await this.#finish(example, response);
    if (example.operation.id === 'Devices_UploadCertificate') await this.#arm.advance(minutes(6));
  }

  async #call(example: Example): Promise<Response> {
    const method = example.operation.method.toLowerCase() as Parameters<ArmClient['call']>[0];
    return await this.#arm.call(method, urlOf(example), example.body);
  }

  #judge(example: Example, response: Response): void {
    const { operation } = example;
    const answer = response.body as JsonObject;
    if (!operation.answers.has(response.status)) {
      this.#find(example, `status ${response.status} ${messageOf(answer)}`);
      return;
    }
    const [theirs, ours] = [example.shownType, shownTypeIn(answer)];
    if (theirs !== undefined && ours !== undefined && !isSame(theirs, ours)) {
      this.#find(example, `type is ${ours}, in the example ${theirs}`);
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
    const job = /operationResults\/([^?]+)/i.exec(url)?.[1];
    if (job !== undefined && example.operation.id === 'Devices_DownloadUpdates')
      this.#lastJob = job;
    const isOrder = example.operation.id === 'Orders_CreateOrUpdate';
    await this.#arm.advance(isOrder ? AFTER_AN_ORDER : minutes(240));
    const { status, body } = await this.#arm.call('get', url);
    const ended = body as { readonly status?: string };
    if (status >= 400 || (ended.status ?? 'Succeeded') !== 'Succeeded') {
      this.#find(example, `ends with ${status} ${messageOf(body as JsonObject)}`);
    }
  }

  #find(example: Example, what: string): void {
    find(this.#replays.findings, `${example.name}: ${what}`, example.version);
  }

  async #replaced(example: Example, replacements: readonly Replacement[]): Promise<Example> {
    let { parameters, body } = example;
    for (const { member, value } of replacements) {
      const sent = await this.#valueOf(value);
      const [, parameter] = /^\{(\w+)\}$/.exec(member) ?? [];
      if (parameter !== undefined) parameters = { ...parameters, [parameter]: sent };
      else body = bodyWith(body, member, sent);
    }
    return { ...example, parameters, body };
  }

  async #valueOf(value: Json): Promise<Json> {
    if (value === '<alert>') return await this.#anAlert();
    return value === '<job>' ? this.#lastJob : value;
  }

  async #anAlert(): Promise<string> {
    const { value } = (await this.#arm.get(`${DEVICE}/alerts`)) as { value: { name: string }[] };
    return value[0]?.name ?? 'no-alert';
  }
}

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** Every device that an example names. */
const devicesOf = (examples: readonly Example[]): ReadonlySet<string> =>
  new Set(
    examples
      .map(({ parameters: { subscriptionId, resourceGroupName, deviceName } }) =>
        [subscriptionId, resourceGroupName, deviceName].map(String),
      )
      .filter(([, , device]) => device !== 'undefined')
      .map(([subscription, group, device]) => idOf(subscription!, group!, device!)),
  );

const messageOf = ({ error }: JsonObject): string =>
  (error as { readonly message?: string } | undefined)?.message ?? '';

const CREDENTIAL_ID = `${DEVICE}/storageAccountCredentials/sac1`;

const STORAGE_ACCOUNT = {
  properties: { dataPolicy: 'Cloud', storageAccountCredentialId: CREDENTIAL_ID },
} as const;

const SHARE = changed(CLOUD_SHARE, {
  azureContainerInfo: {
    ...CLOUD_SHARE.properties.azureContainerInfo,
    storageAccountCredentialId: CREDENTIAL_ID,
  },
  userAccessRights: [{ userId: `${DEVICE}/users/user2`, accessType: 'Change' }],
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
  member: string,
  value: Json,
): JsonObject | undefined {
  if (body === undefined) return undefined;
  const copy = structuredClone(body);
  const steps = member.split('.');
  const last = steps.pop()!;
  const holder = steps.length === 0 ? copy : (at(copy, steps.join('.')) as JsonObject);
  holder[last] = value;
  return copy;
}

const hasMember = ({ parameters, body }: Example, member: string): boolean =>
  member.startsWith('{')
    ? parameters[member.slice(1, -1)] !== undefined
    : at(body, member) !== undefined;
