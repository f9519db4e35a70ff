/** A request of the service's own to a resource, as if a client had made it: deletions of a group, tags, orders of control. */
import { resourceIdOf } from '#shared/arm-id.ts';
import { present } from '#shared/assert.ts';
import type { Json } from '#shared/json.ts';
import type { ArmRequest, Provider } from './provider.ts';
import { type StoredType, storedTypeOf } from './resource-type.ts';
import { type Actor, PLATFORM } from './system-data.ts';
import type { ResourceRow } from '#store/resources.ts';

/** For `resource`, in its type's newest version, with `body`. */
export function requestFor(
  provider: Provider,
  resource: Pick<ResourceRow, 'id' | 'type' | 'subscriptionId'>,
  more: {
    readonly correlationId: string;
    readonly body?: Json;
    readonly actor?: Actor;
    readonly isOfControl?: boolean;
  },
): ArmRequest<StoredType> {
  const type = present(storedTypeOf(provider.registry, resource.type), `the type ${resource.type}`);
  const version = type.versions.versions[0] ?? '';
  return {
    type,
    version,
    askedVersion: version,
    origin: '',
    url: '',
    query: {},
    correlationId: more.correlationId,
    subscriptionId: resource.subscriptionId,
    id: resourceIdOf(resource.id),
    conditions: { ifMatch: undefined, ifNoneMatch: undefined },
    actor: more.actor ?? PLATFORM,
    isOfControl: more.isOfControl ?? false,
    showsSystemData: provider.showsSystemData,
    body: more.body,
  };
}
