/** What tests need of the machine they run on: a server, a program, a folder. */
import assert from 'node:assert/strict';

/** The value of an environment variable; an empty one counts as unset, as in the service's configuration. */
export function variable(name: string): string | undefined {
  const value = process.env[name]?.trim();
  return value === '' ? undefined : value;
}

/**
 * For what a test needs and this machine does not have. Under CI (`CI=true`) that is a failure, since nobody would see there
 * that a suite has stopped running; elsewhere it is the reason for which the test is skipped.
 */
export function absent(reason: string): { readonly skip: string } {
  assert.ok(!/^(true|1)$/i.test(variable('CI') ?? ''), `Missing under CI: ${reason}`);
  return { skip: reason };
}
