/**
 * Installs az, which part of test/clients/ runs with, where it is missing and can be had: the package azure-cli of
 * Debian and its kind, through apt-get, as root or with a sudo that asks nothing. Says what it does. Where it cannot
 * install az it says how to get it, and succeeds, since those tests are skipped then; under CI (`CI=true`) it fails, as
 * they would.
 */
import { spawnSync } from 'node:child_process';

const PACKAGE = 'azure-cli';

const isThere = (command) =>
  spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
const say = (line) => console.error(line);

/** Az stays missing, for this reason. */
function giveUp(reason) {
  const isCi = /^(true|1)$/i.test(process.env.CI ?? '');
  say(isCi ? reason : `${reason} Its tests are skipped.`);
  if (isCi) process.exitCode = 1;
}

/** Standard output stays the tests' own. */
function run(words) {
  const [command, ...rest] = words;
  say(words.join(' '));
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(command, rest, { env, stdio: ['ignore', 2, 2] }).status === 0;
}

/** What must stand before apt-get; undefined: this user may not install. */
function rights() {
  if (process.getuid?.() === 0) return [];
  const isAllowed = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  return isAllowed ? ['sudo', '-n', 'DEBIAN_FRONTEND=noninteractive'] : undefined;
}

function install() {
  if (!isThere('apt-get')) {
    giveUp('az is not installed, and there is no apt-get to install it with.');
    return;
  }
  const before = rights();
  if (before === undefined) {
    giveUp(`az is not installed, and this user may not: sudo apt-get install ${PACKAGE}.`);
    return;
  }
  say(`az is not installed; installing the package ${PACKAGE}:`);
  const isDone =
    run([...before, 'apt-get', 'update', '-q']) &&
    run([...before, 'apt-get', 'install', '-q', '-y', '--no-install-recommends', PACKAGE]);
  if (isDone && isThere('az')) say('az is installed.');
  else giveUp('apt-get could not install az.');
}

if (!isThere('az')) install();
