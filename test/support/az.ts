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

export class Az {
  readonly #environment: NodeJS.ProcessEnv;

  constructor({ folder, authority }: AzSettings) {
    this.#environment = {
      PATH: process.env.PATH,
      HOME: folder,
      AZURE_CONFIG_DIR: folder,
      REQUESTS_CA_BUNDLE: authority,
      AZURE_CORE_COLLECT_TELEMETRY: 'false',
      AZURE_CORE_ONLY_SHOW_ERRORS: 'true',
      PYTHONWARNINGS: 'ignore',
    };
  }

  /** What a command answers, read as JSON; undefined where it answers nothing. */
  async run<Value = unknown>(...words: readonly string[]): Promise<Value> {
    return jsonIn(await this.#output('az', [...words, '--output', 'json'])) as Value;
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
    if (status === 0) return said;
    throw new CommandFailure(`${command} ${words.join(' ')}: ${complaints}`);
  }
}

const jsonIn = (said: string): unknown => (said.trim() === '' ? undefined : JSON.parse(said));
