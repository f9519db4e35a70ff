import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DEFAULT_PRICES, loadPrices, monthlyFeeOf, pricesOf } from '#billing/prices.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgetwin-prices-'));
after(() => {
  rmSync(folder, { recursive: true });
});

function written(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test('a price file is merged onto the defaults', () => {
  assert.deepEqual(loadPrices(written('empty.json', '{}')), { prices: DEFAULT_PRICES });
  const some = '{"currency":"EUR","deviceMonthlyFeeBySku":{"EdgeP_High":1000.5},"arcVcpuHour":0}';
  const loaded = loadPrices(written('some.json', some));
  assert.ok('prices' in loaded);
  assert.deepEqual(loaded.prices, {
    ...DEFAULT_PRICES,
    currency: 'EUR',
    deviceMonthlyFeeBySku: { EdgeP_High: 1000.5 },
    arcVcpuHour: 0,
  });
  assert.equal(monthlyFeeOf(loaded.prices, 'EdgeP_High'), 1000.5);
  assert.equal(monthlyFeeOf(loaded.prices, 'EdgeP_Base'), DEFAULT_PRICES.deviceMonthlyFee);
  assert.equal(monthlyFeeOf(loaded.prices, 'constructor'), DEFAULT_PRICES.deviceMonthlyFee);
});

test('all faults are named at once', () => {
  const refused = pricesOf({
    currency: 'euro',
    deviceMonthlyFee: -1,
    deviceMonthlyFeeBySku: { EdgeP_Base: '5', EdgeP_High: 1e9, EdgeMR_Mini: 5 },
    arcVcpuHour: 0.0000000001,
    arcVCPU: 1,
  });
  assert.ok('faults' in refused);
  assert.deepEqual(
    refused.faults.map(({ target, message }) => `${target} ${message}`),
    [
      "currency must be three capital letters, such as 'USD'",
      'deviceMonthlyFee must be a number from 0 to 1000000',
      'deviceMonthlyFeeBySku.EdgeP_Base must be a number from 0 to 1000000',
      'deviceMonthlyFeeBySku.EdgeP_High must be a number from 0 to 1000000',
      'arcVcpuHour must have at most 9 decimals',
      "arcVCPU is not known; there are 'currency', 'deviceMonthlyFee', 'deviceMonthlyFeeBySku', 'arcVcpuHour'",
    ],
  );
  for (const json of [null, [], 'free', { deviceMonthlyFeeBySku: [] }, { currency: null }]) {
    assert.ok('faults' in pricesOf(json), JSON.stringify(json));
  }
});

test('a file that is missing or no JSON is a fault of its path, on one line', () => {
  for (const path of [join(folder, 'absent.json'), written('bad.json', '{\n"currency":\n,}')]) {
    const refused = loadPrices(path);
    assert.ok('faults' in refused);
    assert.equal(refused.faults[0]?.target, path);
    assert.doesNotMatch(refused.faults[0].message, /\n/);
  }
});
