/**
 * A story of faults as text, seen from outside: what somebody does, and at each moment at which something changes what the journal
 * tells and what is to be seen of the device, its alerts and nodes, of Arc and of the cluster. Used by `faults.test.ts`.
 */
import assert from 'node:assert/strict';
import { type Duration, instant, minutes, parseInstant } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import { type ArmClient, DEVICE, GROUP, propertiesOf, textOf } from '../support/arm-client.ts';

export const ROLE = `${DEVICE}/roles/kubernetesRole`;
export const ARC = `${GROUP}/providers/Microsoft.Kubernetes/connectedClusters/arc1`;
const ARC_URL = `${ARC}?api-version=2021-10-01`;
const JOURNAL = `/_edgetwin/journal?resource=${DEVICE}`;
export const FAULTS = '/_edgetwin/faults';

/** How often somebody asks for news. */
const STEP = minutes(1);

type Seen = Readonly<Record<string, string>>;

/** What else is to be seen, by name. */
export type Look = () => Promise<Seen>;

export class FaultStory {
  readonly arm: ArmClient;
  readonly #look: Look;
  readonly #lines: string[] = [];
  #seen: Seen = {};
  #told = 0;
  #beganAt = instant(0);

  private constructor(arm: ArmClient, look: Look) {
    this.arm = arm;
    this.#look = look;
  }

  /** A story that begins now; its first lines say how things stand. */
  static async begin(arm: ArmClient, look: Look = async () => ({})): Promise<FaultStory> {
    const story = new FaultStory(arm, look);
    const entries = await arm.all(JOURNAL);
    story.#told = Number(entries.at(-1)?.sequence);
    story.#seen = await story.#see();
    story.#lines.push('at the beginning');
    for (const [name, value] of Object.entries(story.#seen)) {
      story.#lines.push(`    ${name}: ${value}`);
    }
    return story;
  }

  get text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  /** Somebody does something. */
  async act(title: string, action: () => Promise<unknown>): Promise<void> {
    this.#lines.push('', title);
    this.#beganAt = await this.#now();
    await action();
    await this.#note();
  }

  /** Somebody asks the service for something, and reads what it answers. */
  async ask(method: 'put' | 'post', path: string, body?: JsonObject): Promise<void> {
    await this.act(`${method.toUpperCase()} ${path}`, async () => {
      const answer = await this.arm.call(method, `${DEVICE}/${path}`, body);
      const { error } = answer.body as { error?: { code: string; message: string } };
      const more = error === undefined ? '' : ` ${error.code}: ${error.message}`;
      this.#lines.push(`  answered with ${answer.status}${more}`);
    });
  }

  /** A fault, injected; its id. */
  async inject(body: JsonObject): Promise<string> {
    let id = '';
    await this.act(`POST ${FAULTS} ${JSON.stringify(body)}`, async () => {
      id = textOf((await this.arm.post(FAULTS, { resource: DEVICE, ...body }, 201)).id);
    });
    return id;
  }

  /** Time passes; somebody looks in each minute in which the journal tells something, and at the end. */
  async pass(length: Duration): Promise<void> {
    for (let passed = 0; passed < length; passed += STEP) {
      await this.arm.advance(STEP);
      const news = await this.arm.get(`${JOURNAL}&after=${this.#told}&limit=1`);
      if ((news.value as JsonObject[]).length > 0) await this.#note();
    }
    await this.#note();
  }

  /** The chain that explains a field. */
  async why(resource: string, field = ''): Promise<void> {
    const query = `resource=${resource}${field === '' ? '' : `&field=${field}`}`;
    const answer = await this.arm.get(`/_edgetwin/explain?${query}`);
    this.#lines.push('', `why is ${textOf(answer.field)} ${textOf(answer.value)}?`);
    for (const link of answer.chain as JsonObject[]) {
      this.#lines.push(`    ${textOf(link.at).slice(11, 19)} ${textOf(link.story)}`);
    }
  }

  async #now() {
    const { now } = await this.arm.get('/_edgetwin/clock');
    const at = parseInstant(textOf(now));
    assert.ok(at !== undefined);
    return at;
  }

  async #see(): Promise<Seen> {
    const nodes = (await this.arm.get(`${DEVICE}/nodes`)).value as JsonObject[];
    const alerts = (await this.arm.get(`${DEVICE}/alerts`)).value as JsonObject[];
    const arc = await this.arm.call('get', ARC_URL);
    return {
      status: textOf(propertiesOf(await this.arm.get(DEVICE)).dataBoxEdgeDeviceStatus),
      ...Object.fromEntries(
        nodes.map((node) => [`node ${textOf(node.name)}`, textOf(propertiesOf(node).nodeStatus)]),
      ),
      alerts: alerts.map((alert) => textOf(propertiesOf(alert).alertType)).join(', ') || 'none',
      ...(arc.status === 200
        ? { arc: textOf(propertiesOf(arc.body as JsonObject).connectivityStatus) }
        : {}),
      ...(await this.#look()),
    };
  }

  /** Writes what has been told and what has changed since the last look. */
  async #note(): Promise<void> {
    const entries = await this.arm.all(`${JOURNAL}&after=${this.#told}`);
    const seen = await this.#see();
    const names = new Set([...Object.keys(this.#seen), ...Object.keys(seen)]);
    const changes = [...names]
      .filter((name) => this.#seen[name] !== seen[name])
      .map((name) => `${name}: ${this.#seen[name] ?? 'none'} → ${seen[name] ?? 'none'}`);
    this.#seen = seen;
    this.#told = Number(entries.at(-1)?.sequence ?? this.#told);
    for (const { at, kind, data } of entries) {
      this.#lines.push(`  ${this.#clock(at)} ${textOf(kind)} ${shown(data)}`);
    }
    for (const change of changes) this.#lines.push(`    ${change}`);
  }

  /** How long after the last act that is: `02:00:00`. */
  #clock(at: Json | undefined): string {
    const passed = (parseInstant(textOf(at)) ?? 0) - this.#beganAt;
    return new Date(Math.max(0, passed)).toISOString().slice(11, 19);
  }
}

/** The data of a fact, without ids that are drawn anew in each world. */
const shown = (data: Json | undefined): string =>
  JSON.stringify(data, (name, value: unknown) => (name === 'operation' ? undefined : value));
