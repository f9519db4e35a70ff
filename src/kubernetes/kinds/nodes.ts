/** Nodes. Sources: core/v1 types; printers.go printNode; registry/core/node/strategy.go. */
import type { Node } from 'kubernetes-types/core/v1.d.ts';
import { AGE, column, NAME, wide } from '../tables/columns.ts';
import { labelsOf } from '../objects/object.ts';
import { defineKind } from './kind.ts';

const ROLE_PREFIX = 'node-role.kubernetes.io/';

export const NODES = defineKind<Node>({
  group: '',
  version: 'v1',
  kind: 'Node',
  resource: 'nodes',
  shortNames: ['no'],
  isNamespaced: false,
  message: 'core.v1.Node',
  hasStatus: true,
  columns: [
    NAME,
    column<Node>('Status', statusOf),
    column<Node>('Roles', rolesOf),
    AGE,
    column<Node>('Version', ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
    wide<Node>('Internal-IP', (node) => addressOf(node, 'InternalIP')),
    wide<Node>('External-IP', (node) => addressOf(node, 'ExternalIP')),
    wide<Node>('OS-Image', ({ status }) => status?.nodeInfo?.osImage ?? '<unknown>'),
    wide<Node>('Kernel-Version', ({ status }) => status?.nodeInfo?.kernelVersion ?? '<unknown>'),
    wide<Node>(
      'Container-Runtime',
      ({ status }) => status?.nodeInfo?.containerRuntimeVersion ?? '<unknown>',
    ),
  ],
  defaults: (node) => {
    const { status } = node;
    return status?.capacity === undefined || status.allocatable !== undefined
      ? node
      : { ...node, status: { ...status, allocatable: status.capacity } };
  },
  // A kubelet registers itself with its status.
  prepareCreate: (node) => node,
  selectable: ({ spec }) => ({ 'spec.unschedulable': String(spec?.unschedulable ?? false) }),
});

function statusOf({ status, spec }: Node): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const word = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec?.unschedulable === true ? `${word},SchedulingDisabled` : word;
}

function rolesOf(node: Node): string {
  const roles = Object.entries(labelsOf(node)).flatMap(([key, value]) =>
    key.startsWith(ROLE_PREFIX)
      ? [key.slice(ROLE_PREFIX.length)]
      : key === 'kubernetes.io/role'
        ? [value]
        : [],
  );
  return roles.length === 0 ? '<none>' : roles.sort().join(',');
}

const addressOf = ({ status }: Node, type: string): string =>
  status?.addresses?.find((address) => address.type === type)?.address ?? '<none>';
