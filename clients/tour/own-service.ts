/**
 * A service of the tour's own: a child process on a free port with its data in memory. Called by `tour.ts` where no
 * service answers. Never outlives the tour.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { packageFile } from '#shared/package-files.ts';

export interface OwnService {
  /** `http://127.0.0.1:41235`. */
  readonly url: string;
  /** By its own line. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

/** A world of its own, whatever the variables around it say. */
const WORLD = {
  EDGETWIN_PORT: '0',
  EDGETWIN_DATA: ':memory:',
  EDGETWIN_SEED: 'tour',
} as const;

/** Starts it and waits for its line; throws with what it said where it does not come up. */
export async function startOwnService(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<OwnService> {
  const inherited = Object.entries(environment).filter(
    ([name]) => !/^(EDGETWIN_.*|REDIS_URL|DATABASE_URL)$/.test(name),
  );
  // Sources in a checkout, what was built of them in the package.
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
  let said = '';
  return await new Promise((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      said += chunk.toString('utf8');
      const match = /Edgetwin is at (\S+) .*ready in (\d+) ms/.exec(said);
      if (match !== null) resolve({ url: match[1] ?? '', readyMs: Number(match[2]) });
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.on('error', reject);
    child.on('exit', () => {
      reject(new Error(`The service did not start: ${said.trim()}`));
    });
  });
}
