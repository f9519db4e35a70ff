/** The real process, `node src/main.ts` or another way to start it, on a free port and a folder of its own: what can be killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import type { Death, Heeded } from './dies-at-commit.ts';

const ROOT = join(import.meta.dirname, '../..');
const DEATH = join(import.meta.dirname, 'dies-at-commit.ts');

/** From source, and willing to die when it is told to. */
const MORTAL: readonly string[] = ['--import', DEATH, 'src/main.ts'];

/** Settings of the process; nothing of the caller's own environment but the path reaches it. */
export type Settings = Readonly<Record<string, string>>;

/** How a process ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A folder for one test, gone with it. */
export async function temporaryFolder(test: Pick<TestContext, 'after'>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'edgetwin-'));
  test.after(async () => rm(folder, { recursive: true, force: true }));
  return folder;
}

export class ServiceProcess {
  /** `http://127.0.0.1:{port}`. */
  readonly origin: string;
  /** Resolves at its end, however that came. */
  readonly ended: Promise<End>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, ended: Promise<End>, origin: string) {
    this.#child = child;
    this.ended = ended;
    this.origin = origin;
  }

  /** Starts `node {words}` and waits for its ready line. Rejects with what it said where it ends before that. */
  static async start(settings: Settings, words = MORTAL): Promise<ServiceProcess> {
    const child = spawn(process.execPath, words, {
      cwd: ROOT,
      env: { PATH: process.env.PATH, EDGETWIN_PORT: '0', ...settings },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const ended = endOf(child);
    let complaints = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      complaints += chunk.toString('utf8');
    });
    const origin = await Promise.race([readyAt(child), ended]);
    if (typeof origin === 'string') return new ServiceProcess(child, ended, origin);
    throw new Error(
      `the process ended before it was ready (${JSON.stringify(origin)}): ${complaints}`,
    );
  }

  /** Lets it die at a commit of its database that is still to come. Gives the number of those that were. */
  async dieAt(death: Death): Promise<number> {
    const heeded = once(this.#child, 'message') as Promise<[Heeded]>;
    this.#child.send(death);
    const answer = await Promise.race([heeded, this.ended]);
    if (!Array.isArray(answer)) throw new Error('the process is dead already');
    return answer[0].commits;
  }

  /** Sends a signal that does not end it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  /** Sends `signal` and waits for the end. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<End> {
    this.#child.kill(signal);
    return await this.ended;
  }
}

async function endOf(child: ChildProcess): Promise<End> {
  const [code, signal] = (await once(child, 'exit')) as [End['code'], End['signal']];
  return { code, signal };
}

/** The address in the ready line. Never resolves where there is none. */
async function readyAt(child: ChildProcess): Promise<string> {
  const { stdout } = child;
  if (stdout === null) throw new Error('the process has no output');
  return await new Promise((resolve) => {
    createInterface({ input: stdout }).on('line', (line) => {
      const [, origin] = /^Edgetwin is at .*?(http:\S+)/.exec(line) ?? [];
      if (origin !== undefined) resolve(origin);
    });
  });
}
