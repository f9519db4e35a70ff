/**
 * Statements of a transaction that nobody waits for. Where the engine takes statements before it has answered earlier ones, what only
 * writes is sent at once and answered by the time of the commit, so that most of a transaction goes to the server in few messages.
 * They are carried out in the order in which they were sent, so what is read afterwards sees them. Where one fails, the transaction does.
 */
import type { CompiledQuery } from 'kysely';
import { codeOf, type Sender } from './dialect.ts';
import { execute } from './direct.ts';
import type { Writer } from './transaction.ts';

/**
 * What statements are told that are carried out after one has failed: that the transaction has, and that a statement was not prepared,
 * since that failed so too [PostgreSQL, appendix A].
 */
const CONSEQUENCES = ['25P02', '26000'];

/** What has been sent of one transaction. */
export class Sent {
  readonly #sender: Sender;
  readonly #answers: Promise<unknown>[] = [];
  readonly #continuations: Promise<unknown>[] = [];
  /** Whether any of them has failed, and why: undefined where they only found that the transaction had failed before. */
  failure: { readonly reason: unknown } | undefined;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  send(query: CompiledQuery): void {
    this.#answers.push(this.#noting(this.#sender.executeQuery(query)));
  }

  /** Goes on with the rest of the work while `work` reads and sends more; the commit waits for it. */
  meanwhile(work: Promise<unknown>): void {
    this.#continuations.push(this.#noting(work));
  }

  /** Waits until nothing more will be sent by works that go on meanwhile. */
  async continued(): Promise<void> {
    while (this.#continuations.length > 0) await Promise.all(this.#continuations.splice(0));
  }

  /** Waits for every answer. */
  async answered(): Promise<void> {
    await this.continued();
    while (this.#answers.length > 0) await Promise.all(this.#answers.splice(0));
  }

  /** The promise settles well whatever comes of the statement; why the first one failed is kept. */
  async #noting(answer: Promise<unknown>): Promise<void> {
    try {
      await answer;
    } catch (error) {
      const reason = CONSEQUENCES.includes(codeOf(error)) ? undefined : error;
      this.failure = { reason: this.failure?.reason ?? reason };
    }
  }
}

const byTransaction = new WeakMap<object, Sent>();

/** Lets statements of that transaction be sent without waiting; `database.ts` says so of those on an engine that can. */
export function sendOn(transaction: object, sender: Sender): Sent {
  const sent = new Sent(sender);
  byTransaction.set(transaction, sent);
  return sent;
}

/** Whether statements of the transaction are sent before earlier ones are answered: it is on PostgreSQL. */
export const isSentAhead = (writer: Writer): boolean => byTransaction.has(writer);

/** Carries out a statement whose outcome nobody asks for: waits for it only where the engine answers each by itself. */
export async function send(writer: Writer, query: CompiledQuery): Promise<void> {
  const sent = byTransaction.get(writer);
  if (sent === undefined) await execute(writer, query);
  else sent.send(query);
}

/** Does what comes of a read that nothing else in the transaction depends on: waits for it only as `send` does. */
export async function meanwhile(writer: Writer, work: () => Promise<void>): Promise<void> {
  const sent = byTransaction.get(writer);
  if (sent === undefined) await work();
  else sent.meanwhile(work());
}
