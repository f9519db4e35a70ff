/** Golden files of the appliance's tests. */
import { assertGoldenIn } from '../support/golden.ts';

/** Compares a value with its golden file in the folder beside this file. */
export function assertGolden(name: string, value: unknown): void {
  assertGoldenIn(import.meta.dirname, name, value);
}
