/** Endpoints and EndpointSlices. Sources: core/v1, discovery/v1 types; printers.go (kubernetes-facts.md 1.2, 7.1). */
import type { Endpoints } from 'kubernetes-types/core/v1.d.ts';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.d.ts';
import { maybe } from '../objects/object.ts';
import { unsupported } from '../status.ts';
import { AGE, column, firstThree, NAME } from '../tables/columns.ts';
import { defineKind } from './kind.ts';

export const ENDPOINTS = defineKind<Endpoints>({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  resource: 'endpoints',
  shortNames: ['ep'],
  isNamespaced: true,
  message: 'core.v1.Endpoints',
  isCreatedByPut: true,
  columns: [
    NAME,
    column<Endpoints>('Endpoints', ({ subsets = [] }) => {
      const all = subsets.flatMap(({ ports = [], addresses = [] }) =>
        ports.length === 0
          ? addresses.map(({ ip }) => ip)
          : ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip}:${port}`)),
      );
      return all.length === 0 ? '<none>' : firstThree(all);
    }),
    AGE,
  ],
});

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];

export const ENDPOINT_SLICES = defineKind<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  resource: 'endpointslices',
  isNamespaced: true,
  message: 'discovery.v1.EndpointSlice',
  generation: 'content',
  columns: [
    NAME,
    column<EndpointSlice>('AddressType', ({ addressType }) => addressType),
    column<EndpointSlice>('Ports', ({ ports = [] }) =>
      ports.length === 0
        ? '<unset>'
        : firstThree(ports.map(({ port }) => (port === undefined ? '*' : String(port)))),
    ),
    column<EndpointSlice>('Endpoints', ({ endpoints }) => {
      const all = endpoints.flatMap(({ addresses }) => addresses);
      return all.length === 0 ? '<unset>' : firstThree(all);
    }),
    AGE,
  ],
  defaults: (slice) => ({
    ...slice,
    endpoints: maybe(slice.endpoints) ?? [],
    ...(slice.ports === undefined
      ? {}
      : { ports: slice.ports.map((port) => ({ name: '', protocol: 'TCP', ...port })) }),
  }),
  validate: ({ addressType }) =>
    ADDRESS_TYPES.includes(addressType)
      ? []
      : [unsupported('addressType', addressType, ADDRESS_TYPES)],
});
