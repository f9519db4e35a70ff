/** Issue 10, 3: the Table of every served kind has the recorded columns (kubernetes-api.md 1.6), in their order and width. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SERVED } from '#kubernetes/kinds/index.ts';
import { columnDefinitions } from '#kubernetes/tables/table.ts';

/** By plural; `*`: with `-o wide` only, `#`: an integer, `?`: a flag. */
const RECORDED: Readonly<Record<string, string>> = {
  pods: 'Name|Ready|Status|Restarts|Age|IP*|Node*|Nominated Node*|Readiness Gates*',
  deployments: 'Name|Ready|Up-to-date#|Available#|Age|Containers*|Images*|Selector*',
  replicasets: 'Name|Desired#|Current#|Ready#|Age|Containers*|Images*|Selector*',
  services: 'Name|Type|Cluster-IP|External-IP|Port(s)|Age|Selector*',
  endpoints: 'Name|Endpoints|Age',
  endpointslices: 'Name|AddressType|Ports|Endpoints|Age',
  nodes:
    'Name|Status|Roles|Age|Version|Internal-IP*|External-IP*|OS-Image*|Kernel-Version*|Container-Runtime*',
  namespaces: 'Name|Status|Age',
  persistentvolumes:
    'Name|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|Reason|Age|VolumeMode*',
  persistentvolumeclaims: 'Name|Status|Volume|Capacity|Access Modes|StorageClass|Age|VolumeMode*',
  storageclasses: 'Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age',
  events: 'Last Seen|Type|Reason|Object|Subobject*|Source*|Message|First Seen*|Count#*|Name*',
  configmaps: 'Name|Data#|Age',
  secrets: 'Name|Type|Data#|Age',
  serviceaccounts: 'Name|Secrets#|Age',
  roles: 'Name|Created At',
  clusterroles: 'Name|Created At',
  rolebindings: 'Name|Role|Age|Users*|Groups*|ServiceAccounts*',
  clusterrolebindings: 'Name|Role|Age|Users*|Groups*|ServiceAccounts*',
  leases: 'Name|Holder|Age',
  priorityclasses: 'Name|Value#|Global-Default?|Age',
  resourcequotas: 'Name|Age|Request|Limit',
  limitranges: 'Name|Created At',
  controllerrevisions: 'Name|Controller|Revision#|Age',
};

test('the Table of every served kind has the recorded columns', () => {
  const shown = SERVED.map(({ resource, columns }) => [
    resource,
    columns
      .map(({ name, type, isWide }) => {
        const mark = type === 'integer' ? '#' : type === 'boolean' ? '?' : '';
        return `${name}${mark}${isWide ? '*' : ''}`;
      })
      .join('|'),
  ]);
  assert.deepEqual(
    shown,
    SERVED.map(({ resource }) => [resource, RECORDED[resource]]),
  );
});

test('the name of an object stands under the format that kubectl looks for', () => {
  for (const kind of SERVED) {
    const named = columnDefinitions(kind).filter(({ format }) => format === 'name');
    assert.deepEqual(
      named.map(({ name, type }) => [name, type]),
      [['Name', 'string']],
      kind.resource,
    );
    assert.equal(
      named[0]?.['description'],
      'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
    );
  }
});
