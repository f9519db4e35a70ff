/** What a process is called where others must know it: by its host, its name space of process ids, its process id and a draw. */
import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Process ids mean something within this only: the host, and on Linux the name space of process ids, which a container has of its own. */
function placeOfProcesses(): string {
  try {
    return `${hostname()}/${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** A new name for something in this process that holds leases. */
export const processName = (): string => `${placeOfProcesses()} ${process.pid} ${randomUUID()}`;

/**
 * Whether a name is that of a process of this very place that is certainly dead. A process id that was given to another process
 * meanwhile looks alive; then its lease ends by time.
 */
export function isDeadNeighbour(name: string): boolean {
  const [place, id] = name.split(' ');
  if (place !== placeOfProcesses()) return false;
  try {
    process.kill(Number(id), 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
