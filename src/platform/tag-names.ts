/**
 * `GET /subscriptions/{id}/tagNames` (`az tag list`): the names of the tags in a subscription, with their values and how often each is
 * used. Names and values are shown in lower case, as they compare `[ours]`.
 */
import { cutToPage, pageOf } from '#arm/paging.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import type { Answer } from '#arm/polling.ts';
import type { Provider } from '#arm/provider.ts';
import type { JsonObject } from '#shared/json.ts';
import { lastSegmentOf } from '#shared/arm-id.ts';
import { countTagValues, listTagNames } from '#store/resource-tags.ts';

export function tagNameRoutes(provider: Provider): PlatformRoute[] {
  return [
    {
      method: 'GET',
      path: '/subscriptions/:subscriptionId/tagNames',
      summary: 'Lists the names and values of tags in a subscription.',
      type: 'Microsoft.Resources/subscriptions/tagNames',
      permission: 'read',
      carryOut: async (call) => await list(provider, call),
    },
  ];
}

async function list(
  { database: { reader } }: Provider,
  { subscriptionId, query, url }: PlatformCall,
): Promise<Answer> {
  const scope = `/subscriptions/${subscriptionId}`;
  const { after, limit } = pageOf(query);
  const names = await listTagNames(reader, scope, {
    limit: limit + 1,
    ...(after === undefined ? {} : { after: decodeURIComponent(lastSegmentOf(after)) }),
  });
  const idOf = (name: string): string => `${scope}/tagNames/${encodeURIComponent(name)}`;
  const { shown, next } = cutToPage(names, { limit, url }, idOf);
  const counted = await countTagValues(reader, scope, shown);
  const value = shown.map((name): JsonObject => {
    const values = counted.filter((one) => one.name === name);
    const id = `${scope}/tagNames/${name}`;
    return {
      id,
      tagName: name,
      count: countOf(values.reduce((sum, { count }) => sum + count, 0)),
      values: values.map((one) => ({
        id: `${id}/tagValues/${one.value}`,
        tagValue: one.value,
        count: countOf(one.count),
      })),
    };
  });
  return { status: 200, body: { value, ...next } };
}

const countOf = (value: number): JsonObject => ({ type: 'Total', value });
