import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minutes } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { nextLinkOf, pageOf } from '#arm/paging.ts';
import {
  type ArmClient,
  DEVICE,
  GROUP,
  pathIn,
  SUBSCRIPTION,
  textOf,
} from '../support/arm-client.ts';
import { LOCAL_SHARE } from '../support/bodies.ts';
import { startService } from '../support/service.ts';

const SHARES = `${DEVICE}/shares`;

async function shares(arm: ArmClient, count: number): Promise<void> {
  await arm.activeDevice();
  for (let index = 1; index <= count; index++) {
    await arm.accepted('put', `${SHARES}/share${index}`, LOCAL_SHARE);
  }
  await arm.advance(minutes(2));
}

/** Follows nextLink to the end: the names of each page. */
async function pagesOf(arm: ArmClient, url: string): Promise<string[][]> {
  const pages: string[][] = [];
  let next: string | undefined = url;
  while (next !== undefined) {
    const page: JsonObject = await arm.get(next);
    pages.push((page.value as { name: string }[]).map(({ name }) => name));
    next = page.nextLink as string | undefined;
    assert.notEqual(next, '', 'never empty (§3.1)');
  }
  return pages;
}

describe('$top and $skipToken', () => {
  test('what they may be', () => {
    assert.deepEqual(pageOf({}), { limit: 1000 });
    assert.deepEqual(pageOf({ $top: '', $skipToken: '' }), { limit: 1000 });
    assert.deepEqual(pageOf({ $top: '5' }), { limit: 5 });
    assert.deepEqual(pageOf({ $top: '5000' }), { limit: 1000 });
    for (const top of ['0', '-1', '1.5', 'all', ' ', ['1', '2'], '1e400']) {
      assert.throws(() => pageOf({ $top: top }), { status: 400 }, String(top));
    }
    for (const token of ['x', '%%', ['a', 'b'], Buffer.from('share1').toString('base64url')]) {
      assert.throws(() => pageOf({ $skipToken: token }), { status: 400 }, String(token));
    }
  });

  test('a next link is the request’s own URL with the token in it', () => {
    const url = `http://host:1/a/b?api-version=2023-12-01&%24top=2&$filter=x%20eq%20'y'`;
    const next = new URL(nextLinkOf(url, '/subscriptions/s/x'));
    assert.equal(next.origin + next.pathname, 'http://host:1/a/b');
    const query = Object.fromEntries(next.searchParams);
    const { $skipToken, ...rest } = query;
    assert.deepEqual(rest, { 'api-version': '2023-12-01', $top: '2', $filter: "x eq 'y'" });
    assert.deepEqual(pageOf({ $skipToken }).after, '/subscriptions/s/x');
    const again = new URL(nextLinkOf(next.toString(), '/subscriptions/s/y'));
    assert.equal(again.searchParams.getAll('$skipToken').length, 1);
  });
});

describe('lists', () => {
  test('come in pages of $top, each with a link to the next, the last one without', async (t) => {
    const arm = await startService(t);
    await shares(arm, 5);
    const pages = await pagesOf(arm, `${SHARES}?api-version=2021-06-01&$top=2`);
    assert.deepEqual(pages, [['share1', 'share2'], ['share3', 'share4'], ['share5']]);
    assert.deepEqual(
      (await pagesOf(arm, `${SHARES}?$top=5`)).length,
      1,
      'none after a full last page',
    );
    assert.deepEqual((await pagesOf(arm, SHARES)).length, 1);
  });

  test('the link leads where the caller was, with its version', async (t) => {
    const arm = await startService(t);
    await shares(arm, 2);
    const { nextLink } = await arm.get(`${SHARES}?api-version=2021-06-01&$top=1`);
    assert.match(textOf(nextLink), /^http:\/\/127\.0\.0\.1:\d+\/subscriptions\//);
    assert.ok(pathIn(textOf(nextLink)).startsWith(`${SHARES}?api-version=2021-06-01&`));
  });

  test('what is made or deleted between two pages is neither told twice nor hides another', async (t) => {
    const arm = await startService(t);
    await shares(arm, 4);
    const first = await arm.get(`${SHARES}?$top=2`);
    await arm.done('delete', `${SHARES}/share2`);
    await arm.done('put', `${SHARES}/share0`, LOCAL_SHARE);
    const second = await arm.get(textOf(first.nextLink));
    assert.deepEqual(
      (second.value as { name: string }[]).map(({ name }) => name),
      ['share3', 'share4'],
    );
  });

  test('of the subscription go over its groups', async (t) => {
    const arm = await startService(t);
    for (const group of ['a', 'b', 'c']) {
      await arm.device({}, DEVICE.replace('GroupForEdgeAutomation', group));
    }
    const all = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices`;
    assert.equal((await pagesOf(arm, `${all}?$top=1`)).length, 3);
  });

  test('refuse what cannot be read, and tell which parameter it was', async (t) => {
    const arm = await startService(t);
    await arm.device();
    const devices = `${GROUP}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices`;
    const top = await arm.refused('get', `${devices}?$top=none`, 400);
    assert.deepEqual([top.code, top.target], ['InvalidQueryParameter', '$top']);
    assert.equal((await arm.refused('get', `${devices}?$skipToken=x`, 400)).target, '$skipToken');
    await arm.get(`${devices}?$expand=details&$top=`);
  });
});
