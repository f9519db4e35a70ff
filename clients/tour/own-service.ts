/**
 * A service of the tour's own: a child process on a free port with its data in memory, which `tour.ts` starts where no
 * service answers and stops at the end of the tour.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { packageFile } from '#shared/package-files.ts';

export interface OwnService {
  /** `http://127.0.0.1:41235`. */
  readonly url: string;
  /** From the line that the service prints. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

/** The configuration of the service; the variables of the tour's environment do not apply. */
const WORLD = {
  EDGETWIN_PORT: '0',
  EDGETWIN_DATA: ':memory:',
  EDGETWIN_SEED: 'tour',
} as const;

/** Starts the service and waits until it is ready; throws with its output where it does not start. */
export async function startOwnService(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<OwnService> {
  const inherited = Object.entries(environment).filter(
    ([name]) => !/^(EDGETWIN_.*|REDIS_URL|DATABASE_URL)$/.test(name),
  );
  // The sources in a checkout, the built file in the package.
  const isSource = import.meta.filename.endsWith('.ts');
  const main = fileURLToPath(packageFile(isSource ? 'src/main.ts' : 'dist/main.js'));
  const child = spawn(process.execPath, [main], {
    env: { ...Object.fromEntries(inherited), ...WORLD },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { url, readyMs } = await readyLineOf(child);
  return {
    url,
    readyMs,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function readyLineOf(child: ChildProcess): Promise<{ url: string; readyMs: number }> {
  let output = '';
  return await new Promise((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
      const match = /Edgetwin is at .*?(http:\S+) .*ready in (\d+) ms/.exec(output);
      if (match !== null) resolve({ url: match[1] ?? '', readyMs: Number(match[2]) });
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.on('error', reject);
    child.on('exit', () => {
      reject(new Error(`The service did not start: ${output.trim()}`));
    });
  });
}
