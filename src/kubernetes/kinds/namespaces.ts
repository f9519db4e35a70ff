/** Namespaces. Sources: core/v1 types, defaults.go; registry/core/namespace/strategy.go (kubernetes-facts.md 1.3). */
import type { Namespace } from 'kubernetes-types/core/v1.d.ts';
import { withMeta } from '../objects/object.ts';
import { AGE, column, NAME } from '../tables/columns.ts';
import { ALL_VERBS, defineKind } from './kind.ts';

const NAME_LABEL = 'kubernetes.io/metadata.name';

export const NAMESPACES = defineKind<Namespace>({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  resource: 'namespaces',
  shortNames: ['ns'],
  isNamespaced: false,
  message: 'core.v1.Namespace',
  verbs: ALL_VERBS.filter((verb) => verb !== 'deletecollection'),
  hasStatus: true,
  nameRule: 'label',
  columns: [NAME, column<Namespace>('Status', ({ status }) => status?.phase ?? ''), AGE],
  prepareCreate: (namespace) => ({
    ...withNameLabel(namespace),
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  }),
  prepareUpdate: (namespace, old) => ({
    ...withNameLabel(namespace),
    ...(old.spec === undefined ? {} : { spec: old.spec }),
  }),
  selectable: ({ status }) => ({ 'status.phase': status?.phase ?? '' }),
});

/** Every namespace carries its name as a label. */
function withNameLabel(namespace: Namespace): Namespace {
  const name = namespace.metadata?.name ?? '';
  return withMeta(namespace, { labels: { ...namespace.metadata?.labels, [NAME_LABEL]: name } });
}
