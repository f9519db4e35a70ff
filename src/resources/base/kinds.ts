/** Types with kinds: what holds for all of them. */
import type { Fault } from '#shared/failure.ts';
import { type JsonObject, textIn } from '#shared/json.ts';
import type { Target } from './define.ts';

/** The kind says what a resource is, and does not change `[ours]`: the service has an action of its own for one such change (roles/migrate). */
export function kindFaults(target: Target, body: JsonObject): Fault[] {
  const old = target.resource === undefined ? '' : textIn(target.resource.body, 'kind');
  return old === '' || old === body.kind
    ? []
    : [
        {
          target: 'kind',
          message: `The kind of '${target.name}' is ${old} and cannot change; delete it and create another.`,
        },
      ];
}
