import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localCapacityMb } from '#appliance/capacity.ts';
import { hardwareOf, MODELS, modelOf } from '#appliance/models.ts';
import { specOf } from './machine.ts';

/** The contract's enumeration (appliance.md §1.3), in its order. */
const SKUS =
  'Gateway Edge TEA_1Node TEA_1Node_UPS TEA_1Node_Heater TEA_1Node_UPS_Heater TEA_4Node_Heater TEA_4Node_UPS_Heater TMA TDC TCA_Small TCA_Large GPU EdgeP_Base EdgeP_High EdgePR_Base EdgePR_Base_UPS EP2_64_1VPU_W EP2_128_1T4_Mx1_W EP2_256_2T4_W EdgeMR_Mini RCA_Small RCA_Large RDC Management EP2_64_Mx1_W EP2_128_GPU1_Mx1_W EP2_256_GPU2_Mx1 EdgeMR_TCP'.split(
    ' ',
  );

test('every SKU of the contract has a model', () => {
  assert.deepEqual(
    MODELS.map((model) => model.sku),
    SKUS,
  );
  for (const sku of SKUS) assert.equal(modelOf(sku)?.sku, sku);
});

test('the models with Kubernetes and those with two nodes are the documented ones', () => {
  const withKubernetes = MODELS.filter((model) => model.hasKubernetes).map((model) => model.sku);
  assert.deepEqual(
    withKubernetes,
    SKUS.filter((sku) => /^(GPU|EdgeP_|EdgePR_|EP2_|EdgeMR_)/.test(sku)),
  );
  const withTwoNodes = MODELS.filter((model) => model.nodeCounts.includes(2));
  assert.deepEqual(
    withTwoNodes.map((model) => model.sku),
    SKUS.filter((sku) => /^(EdgeP_|EP2_)/.test(sku)),
  );
  for (const model of MODELS) assert.ok(model.nodeCounts.includes(1), model.sku);
});

test('the hardware of the main models', () => {
  const numbers = (sku: string) => {
    const { usableVcpuCount, memoryGib, gpu } = modelOf(sku)!;
    return [usableVcpuCount, memoryGib, gpu.count];
  };
  assert.deepEqual(numbers('EdgeP_Base'), [40, 128, 1]);
  assert.deepEqual(numbers('EdgeP_High'), [40, 128, 2]);
  assert.deepEqual(numbers('EdgePR_Base'), [32, 256, 1]);
  assert.deepEqual(numbers('EdgeMR_Mini'), [24, 48, 1]);
  assert.deepEqual(numbers('EP2_64_Mx1_W'), [32, 64, 0]);
  assert.deepEqual(numbers('EP2_256_2T4_W'), [32, 256, 2]);
});

test('an unknown SKU has no model; a machine of that SKU has no Kubernetes', () => {
  for (const sku of ['', 'edgep_base', 'constructor', 'Toaster']) {
    assert.equal(modelOf(sku), undefined);
    assert.equal(hardwareOf(sku).hasKubernetes, false);
  }
});

test('capacity counts binary megabytes: 4.19 TB on a Pro GPU', () => {
  assert.equal(localCapacityMb(specOf()), 3_995_895);
  assert.equal(localCapacityMb(specOf({ nodeCount: 2 })), 3_995_895);
  // Within 0.1 % of the only documented device (8042259).
  const printed = localCapacityMb(specOf({ sku: 'Edge' }));
  assert.ok(Math.abs(printed - 8_042_259) < 8_042, String(printed));
});
