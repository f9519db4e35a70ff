/** Issue 10, 3: the Table of every served kind has the recorded columns (kubernetes-api.md 1.6), in their order and width. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SERVED } from '#kubernetes/kinds/index.ts';
import { describedBy } from '#kubernetes/tables/described.ts';
import { columnDefinitions } from '#kubernetes/tables/table.ts';
import { describe } from '#kube-api/descriptions.ts';

/** By plural; `*`: with `-o wide` only, `#`: an integer, `?`: a flag. */
const RECORDED: Readonly<Record<string, string>> = {
  pods: 'Name|Ready|Status|Restarts|Age|IP*|Node*|Nominated Node*|Readiness Gates*',
  deployments: 'Name|Ready|Up-to-date|Available|Age|Containers*|Images*|Selector*',
  replicasets: 'Name|Desired#|Current#|Ready#|Age|Containers*|Images*|Selector*',
  jobs: 'Name|Completions|Duration|Age|Containers*|Images*|Selector*',
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
  events: 'Last Seen|Type|Reason|Object|Subobject*|Source*|Message|First Seen*|Count*|Name*',
  configmaps: 'Name|Data|Age',
  secrets: 'Name|Type|Data|Age',
  serviceaccounts: 'Name|Secrets|Age',
  roles: 'Name|Created At',
  clusterroles: 'Name|Created At',
  rolebindings: 'Name|Role|Age|Users*|Groups*|ServiceAccounts*',
  clusterrolebindings: 'Name|Role|Age|Users*|Groups*|ServiceAccounts*',
  leases: 'Name|Holder|Age',
  priorityclasses: 'Name|Value#|Global-Default?|Age',
  resourcequotas: 'Name|Age|Request|Limit',
  limitranges: 'Name|Created At',
  controllerrevisions: 'Name|Controller|Revision|Age',
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

test('columns are described by the fields that they show', () => {
  for (const kind of SERVED) {
    const definitions = columnDefinitions(kind, describe);
    const named = definitions.filter(({ format }) => format === 'name');
    assert.deepEqual(
      named.map(({ name, type, description }) => [name, type, description]),
      [['Name', 'string', describe('meta.v1.ObjectMeta', 'name')]],
      kind.resource,
    );
    for (const { name, description } of definitions) {
      const by = describedBy(kind.resource, name as string);
      if (by === undefined) continue;
      // What the table names is there.
      assert.ok(describe(by.message, by.field) !== undefined, `${by.message}.${by.field}`);
      assert.equal(description, describe(by.message, by.field));
    }
  }
});
