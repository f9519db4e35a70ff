/** The doctor's probes of ports, answers and files. Each ends after a timeout. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';

/** How long each answer may take, in real time. */
const TIMEOUT_MS = 3000;

const timeout = (): AbortSignal => AbortSignal.timeout(TIMEOUT_MS);

/** The reason of an error: the system's code where it has one (`ECONNREFUSED`), else its message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.name === 'AbortError' || error.name === 'TimeoutError' ? 'no answer' : error.message;
}

async function connected(socket: Socket): Promise<Socket> {
  await once(socket, 'connect', { signal: timeout() });
  return socket;
}

/** Whether a program accepts connections at the port. */
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

/** Why this process cannot listen there; undefined where it can. */
export async function listeningProblem(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening', { signal: timeout() });
    return undefined;
  } catch (error) {
    return reasonOf(error);
  } finally {
    server.close();
  }
}

export interface HttpAnswer {
  readonly status: number;
  /** The parsed JSON; undefined where the body is not JSON. */
  readonly body: unknown;
}

/** The answer to a GET; undefined where there is none in HTTP. */
export async function get(url: string): Promise<HttpAnswer | undefined> {
  try {
    const response = await fetch(url, { signal: timeout() });
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

/** Why Redis cannot be used; undefined where it answers. Passwords are not tried. */
export async function redisProblem(url: string): Promise<string | undefined> {
  const { hostname, port, protocol } = new URL(url);
  const at = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port === '' ? '6379' : port) };
  const socket = connect(at);
  try {
    await connected(socket);
    if (protocol === 'rediss:') return undefined;
    socket.write('PING\r\n');
    const [answer] = (await once(socket, 'data', { signal: timeout() })) as [Buffer];
    return /^(\+PONG|-NOAUTH|-ERR)/.test(answer.toString('latin1'))
      ? undefined
      : 'another program answers there, not Redis';
  } catch (error) {
    return reasonOf(error);
  } finally {
    socket.destroy();
  }
}

/** Why the folder cannot be written to; undefined where it can. */
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

/** Whether others than the owner may read the file; undefined where it does not exist. */
export async function isReadableByOthers(path: string): Promise<boolean | undefined> {
  try {
    return ((await stat(path)).mode & 0o077) !== 0;
  } catch {
    return undefined;
  }
}

/** Why HTTPS fails for a client that trusts this certificate only; undefined where it works. */
export async function tlsProblem(
  host: string,
  port: number,
  certificate: string,
): Promise<string | undefined> {
  const socket = connectTls({ host, port, servername: 'localhost', ca: certificate });
  try {
    await once(socket, 'secureConnect', { signal: timeout() });
    return undefined;
  } catch (error) {
    return reasonOf(error);
  } finally {
    socket.destroy();
  }
}
