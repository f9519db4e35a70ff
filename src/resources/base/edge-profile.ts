/** What a device shows of the subscription of its edge profile: in its own properties and in its built-in role [S]. */
import { named, object } from '#arm/schema.ts';
import { mayBe, mayEnum, mayList, mayText } from '#arm/shapes.ts';

const registeredFeature = object(
  { name: mayText(), state: mayText() },
  named('SubscriptionRegisteredFeatures'),
);

const subscription = object(
  {
    registrationId: mayText(),
    id: mayText(),
    state: mayEnum(
      ['Registered', 'Warned', 'Suspended', 'Deleted', 'Unregistered'],
      named('SubscriptionState'),
    ),
    registrationDate: mayText(),
    subscriptionId: mayText(),
    properties: mayBe(
      object(
        {
          tenantId: mayText(),
          locationPlacementId: mayText(),
          quotaId: mayText(),
          serializedDetails: mayText(),
          registeredFeatures: mayList(registeredFeature),
        },
        named('SubscriptionProperties'),
      ),
    ),
  },
  named('EdgeProfileSubscription'),
);

export const edgeProfile = object({ subscription: mayBe(subscription) }, named('EdgeProfile'));
