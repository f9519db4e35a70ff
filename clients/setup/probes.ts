/** Looks at the world around the service, for the doctor: ports, answers, files. Each look ends by itself. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';

/** How long anybody may take to answer, wall. */
const PATIENCE_MS = 3000;

const patience = (): AbortSignal => AbortSignal.timeout(PATIENCE_MS);

/** What went wrong, in the system's own words where it has one (`ECONNREFUSED`). */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.name === 'AbortError' || error.name === 'TimeoutError' ? 'no answer' : error.message;
}

async function connected(socket: Socket): Promise<Socket> {
  await once(socket, 'connect', { signal: patience() });
  return socket;
}

/** What is at a port: nobody, or somebody. */
export async function isAnswering(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await connected(socket);
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Why this process could not listen there; undefined where it could. */
export async function listeningProblem(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening', { signal: patience() });
    return undefined;
  } catch (error) {
    return reasonOf(error);
  } finally {
    server.close();
  }
}

export interface Looked {
  readonly status: number;
  /** Parsed; undefined where it is no JSON. */
  readonly body: unknown;
}

/** A GET; undefined where there is no HTTP answer. */
export async function look(url: string): Promise<Looked | undefined> {
  try {
    const response = await fetch(url, { signal: patience() });
    const text = await response.text();
    return { status: response.status, body: jsonIn(text) };
  } catch {
    return undefined;
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Why Redis cannot be used; undefined where it answers. Whether a password fits is for the queue to find out. */
export async function redisProblem(url: string): Promise<string | undefined> {
  const { hostname, port, protocol } = new URL(url);
  const at = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port === '' ? '6379' : port) };
  const socket = connect(at);
  try {
    await connected(socket);
    if (protocol === 'rediss:') return undefined;
    socket.write('PING\r\n');
    const [answer] = (await once(socket, 'data', { signal: patience() })) as [Buffer];
    return /^(\+PONG|-NOAUTH|-ERR)/.test(answer.toString('latin1'))
      ? undefined
      : 'what answers there is no Redis';
  } catch (error) {
    return reasonOf(error);
  } finally {
    socket.destroy();
  }
}

/** Why nothing can be written into the folder; undefined where it can. */
export async function writingProblem(folder: string): Promise<string | undefined> {
  const probe = join(folder, `.doctor-${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(probe, '');
    return undefined;
  } catch (error) {
    return reasonOf(error);
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}

/** Whether others than the owner may read the file; undefined where it is not there. */
export async function isReadByOthers(path: string): Promise<boolean | undefined> {
  try {
    return ((await stat(path)).mode & 0o077) !== 0;
  } catch {
    return undefined;
  }
}

/** Why HTTPS with this certificate as the only trusted one fails; undefined where it works. */
export async function tlsProblem(
  host: string,
  port: number,
  certificate: string,
): Promise<string | undefined> {
  const socket = connectTls({ host, port, servername: 'localhost', ca: certificate });
  try {
    await once(socket, 'secureConnect', { signal: patience() });
    return undefined;
  } catch (error) {
    return reasonOf(error);
  } finally {
    socket.destroy();
  }
}
