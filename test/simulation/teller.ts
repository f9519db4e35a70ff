/**
 * Tells the story to a service that may die on the way: what was not acknowledged is asked again, and at the end of it all
 * nothing that was acknowledged may be missing.
 */
import assert from 'node:assert/strict';
import supertest from 'supertest';
import { formatInstant, type Instant, parseInstant, plus } from '#shared/instant.ts';
import { guid } from '#shared/random.ts';
import { type Act, checkEnded, type Entry, send, STORY, type Told } from '../scenarios/story.ts';
import { ArmClient, DEVICE, SUBSCRIPTION } from '../support/arm-client.ts';
import { type Seen, worldSeenBy } from './world.ts';

const START = '2026-03-02T09:00:00Z';

/** Settings of the service that the story is told to: the same world each time. */
export const WORLD = {
  EDGETWIN_CLOCK: 'frozen',
  EDGETWIN_CLOCK_START: START,
  EDGETWIN_SEED: 'kill',
  EDGETWIN_LOG_LEVEL: 'error',
} as const;

/** Who serves. */
export interface Host {
  /** The address to ask at present. */
  origin(): string;
  /** A call came to nothing because of `error`: resolves when another may be sent, throws where nobody was to die. */
  recover(error: unknown): Promise<void>;
}

/** What was to be seen at each look of the story. */
export type SeenByAct = ReadonlyMap<string, Seen>;

export class Teller {
  readonly #host: Host;
  readonly #told: Told = new Map();
  readonly #acknowledged: (Act & { kind: 'ask' })[] = [];
  readonly #seen = new Map<string, Seen>();
  #now: Instant = parseInstant(START) as Instant;
  #integrityKey: string | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Tells all of it, and calls these before and after each act. */
  async tell({
    before,
    after,
  }: {
    readonly before?: (act: string) => Promise<void>;
    readonly after?: (act: string) => Promise<void>;
  } = {}): Promise<SeenByAct> {
    for (const act of STORY) {
      await before?.(act.name);
      await this.#tellAct(act);
      await after?.(act.name);
    }
    return this.#seen;
  }

  async #tellAct(act: Act): Promise<void> {
    if (act.kind === 'pass') this.#now = plus(this.#now, act.length);
    for (let isFirst = true; ; isFirst = false) {
      try {
        await this.#try(act, isFirst);
        return;
      } catch (error) {
        if (error instanceof assert.AssertionError && !isUnavailable(error)) throw error;
        await this.#recover(error);
      }
    }
  }

  /** Until somebody serves who shows that nothing is lost. */
  async #recover(error: unknown): Promise<void> {
    for (let reason = error; ; ) {
      await this.#host.recover(reason);
      try {
        await this.#checkNothingLost();
        return;
      } catch (again) {
        if (again instanceof assert.AssertionError && !isUnavailable(again)) throw again;
        reason = again;
      }
    }
  }

  /** Sends again only what was not acknowledged and is not to be seen in the journal. */
  async #try(act: Act, isFirst: boolean): Promise<void> {
    const correlationId = correlationOf(act.name);
    const arm = this.#client(correlationId);
    switch (act.kind) {
      case 'ask':
        if (!isFirst && act.taken?.(await journalOf(arm), correlationId) === true) return;
        await send(act, arm, this.#told);
        this.#acknowledged.push(act);
        break;
      case 'pass':
        if (isFirst) await arm.advance(act.length);
        else await arm.call('put', '/_edgetwin/clock', { now: formatInstant(this.#now) });
        assert.equal((await arm.get('/_edgetwin/clock')).now, formatInstant(this.#now));
        break;
      case 'end':
        await checkEnded(act, arm, this.#told);
        break;
      case 'see':
        await act.look(arm);
        this.#seen.set(act.name, await worldSeenBy(arm));
        await this.#checkKey(arm);
        break;
    }
  }

  async #checkNothingLost(): Promise<void> {
    const journal = await journalOf(this.#client(correlationOf('a check')));
    for (const { name, taken = () => true } of this.#acknowledged) {
      assert.ok(taken(journal, correlationOf(name)), `"${name}" was acknowledged and is lost`);
    }
  }

  /** Key material differs from telling to telling, but not within one. */
  async #checkKey(arm: ArmClient): Promise<void> {
    const answer = await arm.call(
      'get',
      `/_edgetwin/appliances/channelIntegrityKey?resource=${DEVICE}`,
    );
    const { channelIntegrityKey } = answer.body as { channelIntegrityKey?: string };
    if (channelIntegrityKey === undefined) return;
    this.#integrityKey ??= channelIntegrityKey;
    assert.equal(channelIntegrityKey, this.#integrityKey, 'the key is the same after the restart');
  }

  #client(correlationId: string): ArmClient {
    const agent = supertest.agent(this.#host.origin());
    agent.set('x-ms-correlation-request-id', correlationId);
    const client = new ArmClient(agent, async (length) => {
      await client.post('/_edgetwin/clock/advance', { duration: `PT${length / 1000}S` });
    });
    return client;
  }
}

/** The same for an act in every telling. */
const correlationOf = (act: string): string => guid('correlation', act);

async function journalOf(arm: ArmClient): Promise<Entry[]> {
  const entries = await arm.all(`/_edgetwin/journal?subscription=${SUBSCRIPTION}`);
  return entries as unknown as Entry[];
}

/** The service itself says that it cannot do so now: as good as no answer. */
const isUnavailable = (error: assert.AssertionError): boolean =>
  error.message.includes('"ServiceUnavailable"');
