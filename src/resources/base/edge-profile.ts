/** What a device shows of the subscription of its edge profile: in its own properties and in its built-in role [S]. */
import { named, object } from '#arm/schema.ts';
import { optional, optionalEnum, optionalList, optionalString } from '#arm/shapes.ts';

const registeredFeature = object(
  { name: optionalString(), state: optionalString() },
  named('SubscriptionRegisteredFeatures'),
);

const subscription = object(
  {
    registrationId: optionalString(),
    id: optionalString(),
    state: optionalEnum(
      ['Registered', 'Warned', 'Suspended', 'Deleted', 'Unregistered'],
      named('SubscriptionState'),
    ),
    registrationDate: optionalString(),
    subscriptionId: optionalString(),
    properties: optional(
      object(
        {
          tenantId: optionalString(),
          locationPlacementId: optionalString(),
          quotaId: optionalString(),
          serializedDetails: optionalString(),
          registeredFeatures: optionalList(registeredFeature),
        },
        named('SubscriptionProperties'),
      ),
    ),
  },
  named('EdgeProfileSubscription'),
);

export const edgeProfile = object({ subscription: optional(subscription) }, named('EdgeProfile'));
