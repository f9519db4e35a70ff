/** Commands that break and mend a machine; the id of a fault is its kind unless it is given. */
import type { Command, FaultKind } from '#appliance/commands.ts';

export const inject = (faultKind: FaultKind, more: object = {}): Command => ({
  ...{ kind: 'injectFault', fault: faultKind, faultKind },
  ...more,
});

export const heal = (fault: string): Command => ({ kind: 'healFault', fault });
