/** A transaction that is under way: begun, and told when to end, by `database.ts`. */
import { CompiledQuery } from 'kysely';
import { type Connection, run, type Sender } from './dialect.ts';
import { sendOn, type Sent } from './sending.ts';
import { collectSignals, type Signals } from './signals.ts';
import type { Writer } from './transaction.ts';

export class OpenTransaction {
  readonly signals: Signals;
  readonly #connection: Connection;
  readonly #sent: Sent | undefined;

  /** `sender`: where statements may be sent before earlier ones are answered. */
  constructor(connection: Connection, sender: Sender | undefined) {
    this.#connection = connection;
    this.signals = collectSignals(connection);
    this.#sent = sender === undefined ? undefined : sendOn(connection, sender);
  }

  /** What the works of the transaction write to. */
  get writer(): Writer {
    return this.#connection as Writer;
  }

  /** Carries out a statement of text alone. */
  async run(sql: string): Promise<void> {
    if (this.#sent === undefined) await run(this.#connection, sql);
    else this.#sent.send(CompiledQuery.raw(sql));
  }

  /** Runs a work with nothing around it: what it throws ends the transaction. */
  async directly<T>(work: (writer: Writer) => Promise<T>): Promise<T> {
    const value = await work(this.writer);
    await this.#sent?.continued();
    return value;
  }

  /** Runs one of several works between savepoints of its own; what it throws is for the caller to take back. */
  async underSavepoint<T>(work: (writer: Writer) => Promise<T>): Promise<T> {
    await this.run('savepoint work');
    const value = await work(this.writer);
    await this.#sent?.continued();
    await this.run('release savepoint work');
    return value;
  }

  /** Takes back what was written since the last savepoint. */
  async rollBackToSavepoint(): Promise<void> {
    await this.run('rollback to savepoint work');
    await this.run('release savepoint work');
  }

  /** Ends it. Rejects where any of its statements has failed, with why. */
  async commit(): Promise<void> {
    await this.#sent?.continued();
    await this.run('commit');
    if (await this.hasFailed()) throw await this.reasonFor(new Error('the transaction failed'));
  }

  /** Takes all of it back. */
  async rollBack(): Promise<void> {
    await run(this.#connection, 'rollback');
  }

  /** Whether a statement that nobody waited for has failed: then nothing more can be done in it. */
  async hasFailed(): Promise<boolean> {
    await this.#sent?.answered();
    return this.#sent?.failure !== undefined;
  }

  /** Why it failed: what was thrown, unless a statement that nobody waited for had failed before. */
  async reasonFor(thrown: unknown): Promise<unknown> {
    await this.#sent?.answered();
    return this.#sent?.failure?.reason ?? thrown;
  }
}
