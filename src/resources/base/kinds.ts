/** Types with kinds: what holds for all of them. */
import type { Fault } from '#shared/failure.ts';
import type { Target } from './define.ts';

/** The kind says what a resource is, and does not change `[ours]`: the service has an action of its own for one such change (roles/migrate). */
export function kindFaults<B extends { readonly kind: string }>(
  target: Target<B>,
  body: B,
): Fault[] {
  const old = target.resource?.body.kind;
  return old === undefined || old === body.kind
    ? []
    : [
        {
          target: 'kind',
          message: `The kind of '${target.name}' is ${old} and cannot change; delete it and create another.`,
        },
      ];
}
