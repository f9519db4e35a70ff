/** The stock az CLI as a user has it: its own process for every command, with a configuration folder of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { absent } from './surroundings.ts';

/** For the suites that run az: nothing where it is installed, else why they are skipped; under CI its absence is a failure. */
export function azProgram(): { readonly skip?: string } {
  const { status } = spawnSync('sh', ['-c', 'command -v az'], { stdio: 'ignore' });
  if (status === 0) return {};
  return absent(
    'az is not installed: npm run test:clients installs it (Debian package azure-cli) and runs this',
  );
}

/** A command that ended with another status than 0. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

export interface AzSettings {
  /** Of its configuration, its sign-in and its caches. */
  readonly folder: string;
  /** PEM file of the authority that it trusts. */
  readonly authority: string;
}

/** Seconds that az was told to wait between an answer and its next look, and what it would have waited by itself. */
export interface Waits {
  readonly told: number;
  /** As long as the last answer of an operation named no wait, which az and the Python SDK take for 30 seconds [ran]. */
  readonly untold: number;
}

/** How long az waits for an operation that says nothing, in seconds. */
export const AZ_WAITS = 30;

export class Az {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #waits: Waits[] = [];

  constructor({ folder, authority }: AzSettings) {
    this.#environment = {
      PATH: process.env.PATH,
      HOME: folder,
      AZURE_CONFIG_DIR: folder,
      REQUESTS_CA_BUNDLE: authority,
      AZURE_CORE_COLLECT_TELEMETRY: 'false',
      PYTHONWARNINGS: 'ignore',
    };
  }

  /** What a command answers, read as JSON; undefined where it answers nothing. */
  async run<Value = unknown>(...words: readonly string[]): Promise<Value> {
    // What it exchanges with the service, and so what it waits for, stands in its debug log.
    return jsonIn(await this.#output('az', [...words, '--output', 'json', '--debug'])) as Value;
  }

  /** Of all commands so far. */
  get waits(): Waits {
    const sum = (name: keyof Waits): number =>
      this.#waits.reduce((total, waits) => total + waits[name], 0);
    return { told: sum('told'), untold: sum('untold') };
  }

  /** Runs a program of the Python that az itself runs in, and gives what it writes, read as JSON. */
  async python<Value = unknown>(file: string, words: readonly string[]): Promise<Value> {
    return jsonIn(await this.#output('/usr/bin/python3', [file, ...words])) as Value;
  }

  async #output(command: string, words: readonly string[]): Promise<string> {
    const child = spawn(command, words, {
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [said, complaints, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    this.#waits.push(...waitsIn(complaints));
    if (status === 0) return said;
    const errors = complaints.split('\n').filter((line) => !/^\w+: cli\.azure\./.test(line));
    throw new CommandFailure(`${command} ${words.join(' ')}: ${errors.join('\n')}`);
  }
}

/** An answer that az polls on: all but the last one of a command that is not over with it. */
function waitsIn(log: string): Waits[] {
  const answers = log.split(/Response status: /).slice(1);
  return answers.slice(0, -1).flatMap((answer) => {
    const header = (name: string): string | undefined =>
      new RegExp(`'${name}': '([^']*)'`, 'i').exec(answer)?.[1];
    const retryAfter = header('retry-after');
    const isRunning = answer.startsWith('202') || retryAfter !== undefined;
    if (!isRunning) return [];
    const told = Number(retryAfter ?? AZ_WAITS);
    const location = header('location');
    const isLast =
      answer.startsWith('202') &&
      location !== undefined &&
      !/\/operation(Results|sStatus)\//i.test(location);
    return [{ told, untold: isLast ? AZ_WAITS : told }];
  });
}

const jsonIn = (said: string): unknown => (said.trim() === '' ? undefined : JSON.parse(said));
