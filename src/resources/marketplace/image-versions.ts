/**
 * versions of an offer's SKU: the images themselves (two previews only). `generatesastoken` answers with a link to the image;
 * ours leads nowhere, and says so by its top-level domain (RFC 2606).
 */
import { named, object, secret } from '#arm/schema.ts';
import type { Shown } from '#arm/schema-types.ts';
import { optional, optionalString } from '#arm/shapes.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import type { Step } from '#operations/operation.ts';
import { guid, text } from '#shared/random.ts';
import { envelope } from '../base/envelope.ts';
import { defineObserved, type ObservedTarget } from '../base/define.ts';
import { MARKETPLACE_VERSIONS, NAME_PATTERN, placeOf, placesBelow, viewOf } from './catalogue.ts';

const schema = object(
  {
    ...envelope,
    properties: optional(
      object(
        {
          publisherId: optionalString(),
          offerId: optionalString(),
          skuId: optionalString(),
          content: optionalString(),
          contentVersion: optionalString(),
          provisioningState: optionalString(),
        },
        named('MarketplaceImageVersionProperties'),
      ),
    ),
  },
  named('MarketplaceImageVersion'),
);

export const imageVersions = defineObserved({
  namespace: 'Microsoft.DataBoxEdge',
  type: 'dataBoxEdgeDevices/publishers/offers/skus/versions',
  nameParameter: 'versionName',
  namePattern: NAME_PATTERN,
  versions: DATA_BOX_EDGE_VERSIONS,
  schema,
  operations: {
    list: { id: 'MarketplaceImageVersion_ListVersionswithinSKU', ...MARKETPLACE_VERSIONS },
    get: { id: 'MarketplaceImageVersion_GetParticularImage', ...MARKETPLACE_VERSIONS },
    actions: {
      generatesastoken: {
        id: 'MarketplaceImageSasToken_GetSASToken',
        ...MARKETPLACE_VERSIONS,
        published: { finalState: { via: 'location', in: '..' } },
        style: 'async',
        leavesFree: true,
        isOutputFlat: true,
        pollPath: 'generatesastoken',
        answer: object(
          { status: optionalString(), sasUri: optionalString(secret) },
          named('MarketplaceSasToken'),
        ),
        plan: async (target, _body, operationId) => [signing(target, operationId)],
      },
    },
  },
  find,
  findAll: async (target) => placesBelow(placeOf(target))?.map((place) => viewOf(target, place)),
});

async function find(target: ObservedTarget): Promise<Shown<typeof schema> | undefined> {
  const place = placeOf(target);
  const version = place.at(-1)?.toLowerCase();
  const found = placesBelow(place.slice(0, -1))?.find(
    (one) => one.at(-1)?.toLowerCase() === version,
  );
  return found === undefined ? undefined : viewOf(target, found);
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A link of the example's form [S], another one each time. */
function signing(target: ObservedTarget, operationId: string): Step {
  const words = [target.ports.seed, 'sas', operationId] as const;
  const host = `md-${text(LETTERS.toLowerCase(), 12, ...words, 'host')}.blob.storage.invalid`;
  const signature = encodeURIComponent(`${text(LETTERS, 43, ...words, 'signature')}=`);
  const query = `sv=2018-03-28&sr=b&si=${guid(...words, 'policy')}&sig=${signature}`;
  const sasUri = `https://${host}/${text(LETTERS.toLowerCase(), 12, ...words, 'path')}/abcd?${query}`;
  return { name: 'sign', run: async () => ({ done: true, output: { sasUri } }) };
}
