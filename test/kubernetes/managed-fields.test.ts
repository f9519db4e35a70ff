/** Owners of fields, of plain writes: who changes one has it, and nobody else any more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigMap } from 'kubernetes-types/core/v1.d.ts';
import { trackCreate, trackUpdate } from '#kubernetes/change/managed-fields.ts';
import { CONFIG_MAPS } from '#kubernetes/kinds/configmaps.ts';
import { DEPLOYMENTS } from '#kubernetes/kinds/deployments.ts';
import type { KubeObject } from '#kubernetes/objects/object.ts';
import { instant } from '#shared/instant.ts';

const at = instant(0);
const ownersOf = ({ metadata }: KubeObject): Record<string, unknown> =>
  Object.fromEntries(
    (metadata?.managedFields ?? []).map(({ manager, fieldsV1 }) => [manager, fieldsV1]),
  );

test('each writer of a ConfigMap has what it has written last', () => {
  const first: ConfigMap = {
    metadata: { name: 'x', annotations: { l: '1' } },
    data: { a: '1', b: '1' },
  };
  let object = trackCreate(CONFIG_MAPS, first, { manager: 'apply', at }) as ConfigMap;
  const change = (manager: string, next: ConfigMap): void => {
    const owner = { manager, at };
    object = trackUpdate(CONFIG_MAPS, { next, old: object, owner }) as ConfigMap;
  };
  change('label', { ...object, metadata: { ...object.metadata, labels: { t: 'g' } } });
  change('patch', { ...object, data: { b: '1', c: '3' } });
  change('patch', { ...object, data: { b: '2', c: '3' } });
  assert.deepEqual(ownersOf(object), {
    apply: {
      'f:metadata': { 'f:annotations': { '.': {}, 'f:l': {} } },
      'f:data': {},
    },
    label: { 'f:metadata': { 'f:labels': { '.': {}, 'f:t': {} } } },
    patch: { 'f:data': { 'f:c': {}, 'f:b': {} } },
  });
});

test('elements of lists have owners of their own, by their keys', () => {
  const deployment = (image: string): KubeObject =>
    ({
      metadata: { name: 'x' },
      spec: {
        template: {
          spec: {
            containers: [
              { name: 'a', image },
              { name: 'b', image: 'y' },
            ],
          },
        },
      },
    }) as KubeObject;
  const made = trackCreate(DEPLOYMENTS, deployment('x'), { manager: 'create', at });
  const next = { ...deployment('z'), metadata: made.metadata } as KubeObject;
  const changed = trackUpdate(DEPLOYMENTS, { next, old: made, owner: { manager: 'set', at } });
  const inside = (fields: unknown): unknown =>
    (fields as Record<string, Record<string, Record<string, Record<string, unknown>>>>)['f:spec']?.[
      'f:template'
    ]?.['f:spec']?.['f:containers'];
  assert.deepEqual(inside(ownersOf(changed)['set']), { 'k:{"name":"a"}': { 'f:image': {} } });
  assert.deepEqual(inside(ownersOf(changed)['create']), {
    '.': {},
    'k:{"name":"a"}': { '.': {}, 'f:name': {} },
    'k:{"name":"b"}': { '.': {}, 'f:image': {}, 'f:name': {} },
  });
});
