/** The servers under the bench (on Linux, whose /proc tells what a process uses): each a process of its own that tells its address and its start-up time in one line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { wholeNumber } from '#shared/random.ts';

/** Linux counts processor time in hundredths of a second. */
const MS_PER_TICK = 10;
const ROOT = join(import.meta.dirname, '../..');

export interface Server {
  readonly origin: string;
  /** By its own line. */
  readonly readyMs: number;
  /** Processor time used so far, user and system, all threads. */
  cpuMs(): number;
  /** Resident memory now, and the most that it ever was. */
  residentMib(): { readonly now: number; readonly most: number };
  /** Lets it run for this share of the time alone from now on, as on a slower machine. */
  slowTo(share: number): void;
  stop(): Promise<void>;
}

/** Starts `node {words}` with these variables and no others. */
export async function startServer(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Server> {
  const child = spawn(process.execPath, words, {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { origin, readyMs } = await readyLineOf(child);
  return {
    origin,
    readyMs,
    cpuMs: () => {
      const stat = readFileSync(`/proc/${child.pid ?? 0}/stat`, 'utf8');
      // The fields after the name, which may hold anything, begin with the third.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
    },
    residentMib: () => {
      const status = readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8');
      const mibOf = (name: string): number =>
        Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
      return { now: mibOf('VmRSS'), most: mibOf('VmHWM') };
    },
    slowTo: (share) => {
      slow(child, share);
    },
    stop: async () => {
      isStopping.add(child);
      child.kill('SIGCONT');
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The turns of a slowed process, milliseconds: of lengths between these, so that two of them do not keep step. */
const [SHORTEST_TURN_MS, LONGEST_TURN_MS] = [6, 14];

let turns = 0;
const isStopping = new WeakSet<ChildProcess>();

/** Stops a process at the beginning of each turn, and lets it go on for its share of the turn. */
function slow(child: ChildProcess, share: number): void {
  if (isStopping.has(child)) return;
  const turn = wholeNumber(SHORTEST_TURN_MS, LONGEST_TURN_MS, 'turn', child.pid ?? 0, turns++);
  child.kill('SIGSTOP');
  setTimeout(
    () => {
      child.kill('SIGCONT');
      setTimeout(() => {
        slow(child, share);
      }, turn * share);
    },
    turn * (1 - share),
  );
}

async function readyLineOf(child: ChildProcess): Promise<{ origin: string; readyMs: number }> {
  let said = '';
  return await new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      const ready = /ready in (\d+) ms/.exec(said);
      // The service names HTTPS first; the bench measures plain HTTP, unless bare Fastify speaks TLS alone.
      const match = /http:\/\/[^\s(]+/.exec(said) ?? /https:\/\/[^\s(]+/.exec(said);
      if (ready !== null) resolve({ origin: match?.[0] ?? '', readyMs: Number(ready[1]) });
    });
    child.on('exit', () => {
      reject(new Error(`The server did not start: ${said}`));
    });
  });
}
