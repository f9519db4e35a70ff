/**
 * az as Debian packs it, and the Python SDK that comes with it, against the real process over HTTPS: signed in with a
 * client secret at a service that requires it. Each command is a process of a second or two, so those that need nothing
 * of each other run side by side.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Az, AZ_WAITS, azProgram } from '../support/az.ts';
import { ServiceProcess, type Settings, temporaryFolder } from '../support/process.ts';
import { REQUIRED, secretOf } from '../support/sign-in.ts';

const program = azProgram();

/** The one that an open world begins with. */
const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
const RG = 'GroupForEdgeAutomation';
const EDGE = 'edge1';
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${RG}`;
const TYPE = 'Microsoft.DataBoxEdge/dataBoxEdgeDevices';
const DEVICE = `${GROUP}/providers/${TYPE}/${EDGE}`;
const IN_GROUP = ['--resource-group', RG];
const OF_DEVICE = ['--device-name', EDGE, ...IN_GROUP];

/** As people write them: with comments. */
const TEMPLATE = `{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": { "name": { "type": "string" } },
  "resources": [
    // One appliance.
    {
      "type": "${TYPE}",
      "apiVersion": "2021-06-01",
      "name": "[parameters('name')]",
      "location": "[resourceGroup().location]",
      "tags": { "by": "[deployment().name]" },
      "sku": { "name": "EdgeP_Base", "tier": "Standard" }
    }
  ],
  "outputs": {
    "device": { "type": "string", "value": "[resourceId('${TYPE}', parameters('name'))]" }
  }
}`;

interface Stage {
  readonly az: Az;
  readonly folder: string;
  /** `https://localhost:{port}`. */
  readonly secure: string;
  /** Moves the simulated clock, as the emulator's administrator. */
  readonly advance: (duration: string) => Promise<void>;
}

/** The process, with an az that trusts it and has signed in as its owner. */
async function start(t: TestContext, settings: Settings = {}): Promise<Stage> {
  const folder = await temporaryFolder(t);
  const service = await ServiceProcess.start({
    ...REQUIRED,
    EDGETWIN_DATA: join(folder, 'data'),
    EDGETWIN_CLOCK_RATE: '600',
    ...settings,
  });
  t.after(async () => service.end('SIGTERM'));
  const authority = join(folder, 'ca.pem');
  const certificate = await fetch(`${service.origin}/_edgetwin/ca.pem`);
  await writeFile(authority, await certificate.text());
  const secure = service.origin.replace('http://127.0.0.1', 'https://localhost');
  const az = new Az({ folder: join(folder, 'az'), authority });
  await signIn(az, secure);
  const advance = async (duration: string): Promise<void> => {
    const answer = await fetch(`${service.origin}/_edgetwin/clock/advance`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await administratorToken(service.origin)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ duration }),
    });
    assert.equal(answer.status, 200, await answer.text());
  };
  return { az, folder, secure, advance };
}

/** As `edgetwin trust` tells it. */
async function signIn(az: Az, secure: string): Promise<void> {
  await az.run(
    ...['cloud', 'register', '--name', 'Edgetwin'],
    ...['--endpoint-resource-manager', secure],
    ...['--endpoint-active-directory', `${secure}/adfs`],
    ...['--endpoint-active-directory-resource-id', 'https://management.core.windows.net/'],
    ...['--endpoint-active-directory-graph-resource-id', 'https://graph.windows.net/'],
  );
  await az.run('cloud', 'set', '--name', 'Edgetwin');
  const accounts = await az.run<{ id: string; state: string; user: unknown }[]>(
    ...['login', '--service-principal', '--tenant', 'adfs'],
    ...['--username', 'owner', '--password', secretOf('owner')],
  );
  assert.deepEqual(
    accounts.map(({ id, state, user }) => ({ id, state, user })),
    [{ id: SUBSCRIPTION, state: 'Enabled', user: { name: 'owner', type: 'servicePrincipal' } }],
  );
}

async function administratorToken(origin: string): Promise<string> {
  const answer = await fetch(`${origin}/common/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'admin',
      client_secret: secretOf('admin'),
      scope: 'https://management.azure.com/.default',
    }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

interface Named {
  readonly name: string;
}

interface Device extends Named {
  readonly dataBoxEdgeDeviceStatus: string;
  readonly tags: Readonly<Record<string, string>>;
}

const namesOf = (all: readonly Named[]): string[] => all.map(({ name }) => name);

test(
  'issue 9, 7, and done when 2: az works with groups, devices, templates, tags and locks, and waits for none of them',
  program,
  async (t) => {
    const began = performance.now();
    const { az, folder, advance } = await start(t);
    const template = join(folder, 'template.json');
    await writeFile(template, TEMPLATE);

    await t.test('an account and a group', async () => {
      const [account, regions, group] = await Promise.all([
        az.run<{ id: string; environmentName: string }>('account', 'show'),
        az.run<Named[]>('account', 'list-locations'),
        az.run<{ id: string }>(
          ...['group', 'create', '--name', RG, '--location', 'eastus'],
          ...['--tags', 'site=Nakatomi'],
        ),
      ]);
      assert.deepEqual([account.id, account.environmentName], [SUBSCRIPTION, 'Edgetwin']);
      assert.ok(namesOf(regions).includes('eastus'));
      assert.equal(group.id, GROUP);
    });

    await t.test('a device, a template tried out, the lists', async () => {
      const from = [...IN_GROUP, '--template-file', template, '--parameters', 'name=edge2'];
      const [created, shown, listed, valid, preview] = await Promise.all([
        az.run<Device>(
          ...['databoxedge', 'device', 'create', '--name', EDGE, ...IN_GROUP],
          ...['--location', 'eastus', '--sku', 'EdgeP_Base', '--tags', 'floor=30'],
        ),
        az.run<{ tags: object }>('group', 'show', '--name', RG),
        az.run<Named[]>('group', 'list', '--tag', 'site=Nakatomi'),
        az.run<{ properties: { provisioningState: string } }>(
          ...['deployment', 'group', 'validate', ...from],
        ),
        az.run<{ changes: { changeType: string; resourceId: string }[] }>(
          ...['deployment', 'group', 'what-if', ...from, '--no-pretty-print'],
        ),
      ]);
      assert.deepEqual([created.name, created.dataBoxEdgeDeviceStatus], [EDGE, 'ReadyToSetup']);
      assert.deepEqual(shown.tags, { site: 'Nakatomi' });
      assert.deepEqual(namesOf(listed), [RG]);
      assert.equal(valid.properties.provisioningState, 'Succeeded');
      const change = preview.changes.find(({ changeType }) => changeType === 'Create');
      assert.ok(change?.resourceId.endsWith('/edge2'), JSON.stringify(preview));
    });

    await t.test('the device is activated and changed, the template deployed', async () => {
      const activate = async (): Promise<void> => {
        const post = async (action: string, body: unknown): Promise<{ publicKey: string }> =>
          await az.run(
            ...['rest', '--method', 'post', '--body', JSON.stringify(body)],
            ...['--uri', `${DEVICE}/${action}?api-version=2021-06-01`],
          );
        const { publicKey } = await post('generateCertificate', {});
        await post('uploadCertificate', { properties: { certificate: publicKey } });
      };
      const [deployed, updated] = await Promise.all([
        az.run<{
          properties: { provisioningState: string; outputs: { device: { value: string } } };
        }>(
          ...['deployment', 'group', 'create', '--name', 'first', ...IN_GROUP],
          ...['--template-file', template, '--parameters', 'name=edge2'],
        ),
        az.run<Device>(
          ...['databoxedge', 'device', 'update', '--name', EDGE, ...IN_GROUP, '--tags', 'floor=31'],
        ),
        activate(),
      ]);
      assert.equal(deployed.properties.provisioningState, 'Succeeded');
      assert.equal(deployed.properties.outputs.device.value, DEVICE.replace(EDGE, 'edge2'));
      assert.deepEqual(updated.tags, { floor: '31' });
      await advance('PT10M');
    });

    await t.test('an order and a bandwidth schedule, with its pollers', async () => {
      const schedule = (verb: string, rate: string): readonly string[] => [
        ...['databoxedge', 'bandwidth-schedule', verb, '--name', 'daily', ...OF_DEVICE],
        ...['--days', 'Sunday', 'Monday', '--start', '0:0:0', '--stop', '13:59:0'],
        ...['--rate-in-mbps', rate],
      ];
      const [device, order, created] = await Promise.all([
        az.run<Device>('databoxedge', 'device', 'show', '--name', EDGE, ...IN_GROUP),
        az.run<{ contactInformation: { companyName: string } }>(
          ...['databoxedge', 'order', 'create', ...OF_DEVICE, '--status', 'Untracked'],
          ...['--company-name', 'Microsoft', '--contact-person', 'John Mcclane'],
          ...['--email-list', 'john@microsoft.com', '--phone', '(800) 426-9400'],
          ...['--address-line1', 'One', '--city', 'Redmond', '--state', 'WA'],
          ...['--country', 'USA', '--postal-code', '98052'],
        ),
        az.run<{ rateInMbps: number }>(...schedule('create', '100')),
      ]);
      assert.equal(device.dataBoxEdgeDeviceStatus, 'Online');
      assert.equal(order.contactInformation.companyName, 'Microsoft');
      assert.equal(created.rateInMbps, 100);
      // Further ones, one after the other, as a script makes them.
      for (const name of ['mornings', 'evenings']) {
        await az.run(...schedule('create', '50').map((word) => (word === 'daily' ? name : word)));
      }
      const [updated, shown, devices] = await Promise.all([
        az.run<{ rateInMbps: number }>(...schedule('update', '150')),
        az.run<Named>('databoxedge', 'order', 'show', ...OF_DEVICE),
        az.run<Device[]>('databoxedge', 'device', 'list', ...IN_GROUP),
      ]);
      assert.equal(updated.rateInMbps, 150);
      assert.equal(shown.name, 'default');
      assert.deepEqual(namesOf(devices).toSorted(), [EDGE, 'edge2']);
      const [schedules] = await Promise.all([
        az.run<Named[]>('databoxedge', 'bandwidth-schedule', 'list', ...OF_DEVICE),
        az.run('databoxedge', 'order', 'delete', ...OF_DEVICE, '--yes'),
      ]);
      assert.deepEqual(namesOf(schedules), ['daily', 'evenings', 'mornings']);
      await az.run(
        ...[
          'databoxedge',
          'bandwidth-schedule',
          'delete',
          '--name',
          'daily',
          ...OF_DEVICE,
          '--yes',
        ],
      );
    });

    await t.test('an exported group, and a query of Resource Graph', async () => {
      const query = `Resources | where type =~ '${TYPE}' | project id, name | order by name asc`;
      const graph = `/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01`;
      // What the extension resource-graph sends for `az graph query`.
      const options = {
        $top: 100,
        $skip: 0,
        resultFormat: 'objectArray',
        allowPartialScopes: false,
      };
      const body = { subscriptions: [SUBSCRIPTION], query, options };
      const [exported, found] = await Promise.all([
        az.run<{ resources: { type: string }[]; parameters: object }>(
          'group',
          'export',
          ...['--name', RG],
        ),
        az.run<{ count: number; data: Named[] }>(
          ...['rest', '--method', 'post', '--uri', graph, '--body', JSON.stringify(body)],
        ),
      ]);
      assert.deepEqual(
        exported.resources.map(({ type }) => type),
        [TYPE, TYPE, `${TYPE}/bandwidthSchedules`, `${TYPE}/bandwidthSchedules`],
      );
      assert.deepEqual(Object.keys(exported.parameters).toSorted(), [
        'dataBoxEdgeDevices_edge1_name',
        'dataBoxEdgeDevices_edge2_name',
      ]);
      assert.deepEqual([found.count, namesOf(found.data)], [2, [EDGE, 'edge2']]);
    });

    await t.test('resources whatever they are, tags, locks, and the end of the group', async () => {
      const one = [...IN_GROUP, '--name', EDGE, '--resource-type', TYPE];
      const [all, shown, tagged] = await Promise.all([
        az.run<Named[]>('resource', 'list', '--resource-type', TYPE),
        az.run<{ id: string }>('resource', 'show', ...one),
        az.run<Device>('resource', 'tag', ...one, '--tags', 'floor=32'),
        az.run(
          ...['tag', 'create', '--resource-id', DEVICE.replace(EDGE, 'edge2')],
          ...['--tags', 'floor=33'],
        ),
        az.run('lock', 'create', '--name', 'keep', ...IN_GROUP, '--lock-type', 'CanNotDelete'),
      ]);
      assert.deepEqual(namesOf(all).toSorted(), [EDGE, 'edge2']);
      assert.equal(shown.id, DEVICE);
      assert.deepEqual(tagged.tags, { floor: '32' });
      const [tags, locks] = await Promise.all([
        az.run<{ properties: { tags: object } }>(
          ...['tag', 'list', '--resource-id', DEVICE.replace(EDGE, 'edge2')],
        ),
        az.run<Named[]>('lock', 'list', ...IN_GROUP),
        assert.rejects(az.run('group', 'delete', '--name', RG, '--yes'), /ScopeLocked/),
      ]);
      assert.deepEqual(tags.properties.tags, { floor: '33' });
      assert.deepEqual(namesOf(locks), ['keep']);
      await Promise.all([
        az.run('lock', 'delete', '--name', 'keep', ...IN_GROUP),
        az.run('group', 'create', '--name', 'Lab', '--location', 'eastus'),
      ]);
      const edge2 = DEVICE.replace(EDGE, 'edge2');
      await az.run('resource', 'move', '--destination-group', 'Lab', '--ids', edge2);
      const [left, moved] = await Promise.all([
        az.run<Named[]>('resource', 'list', ...IN_GROUP),
        az.run<Device>('resource', 'show', '--ids', edge2.replace(RG, 'Lab')),
      ]);
      assert.deepEqual([namesOf(left), moved.tags], [[EDGE], { floor: '33' }]);
      await az.run('group', 'delete', '--name', RG, '--yes');
      assert.equal(await az.run('group', 'exists', '--name', RG), false);
    });

    // The end of each put and deletion named no wait, and az waited for its own 30 seconds.
    const { told, untold } = az.waits;
    const took = performance.now() - began;
    t.diagnostic(`the whole story: ${seconds(took)} s, of which az waited ${told} s`);
    t.diagnostic(
      `before: ${seconds(took + (untold - told) * 1000)} s, of which it waited ${untold} s`,
    );
    assert.ok(untold >= 5 * AZ_WAITS, `${untold} s`);
    assert.ok(told * 3 < untold, `${told} s and ${untold} s`);
  },
);

/** Those that the SDK of the Debian package knows; what we keep of them, and their nearest relatives. */
const VERSIONS = ['2019-03-01', '2019-08-01', '2020-09-01', '2021-02-01-preview'];

test(
  'issue 9, 10: the Python SDK of az graph query pages through what it finds',
  program,
  async (t) => {
    const { az, secure } = await start(t);
    await az.run('group', 'create', '--name', RG, '--location', 'eastus');
    for (const name of [EDGE, 'edge2', 'edge3']) {
      await az.run(
        ...['databoxedge', 'device', 'create', '--name', name, ...IN_GROUP],
        ...['--location', 'eastus', '--sku', 'EdgeP_Base'],
      );
    }
    const program = join(import.meta.dirname, 'resource_graph.py');
    const seen = await az.python(program, [secure]);
    assert.deepEqual(seen, {
      names: [EDGE, 'edge2', 'edge3'],
      counts: [2, 1],
      total: 3,
      truncated: ['false', 'false'],
      columns: [
        ['name', 'string'],
        ['tags', 'object'],
      ],
      refused: ['BadRequest', ['InvalidQuery', 'InvalidQueryLanguage', 'Explanation']],
    });
  },
);

test('issue 11: az monitor reads metrics and sets up their export', program, async (t) => {
  const { az } = await start(t);
  await az.run('group', 'create', '--name', RG, '--location', 'eastus');
  const sku = ['--location', 'eastus', '--sku', 'EdgeP_Base'];
  await az.run('databoxedge', 'device', 'create', ...OF_DEVICE, ...sku);
  const resource = ['--resource', DEVICE];
  const definitions = await az.run<{ name: { value: string } }[]>(
    ...['monitor', 'metrics', 'list-definitions', ...resource],
  );
  assert.ok(definitions.some(({ name }) => name.value === 'AvailableCapacity'));
  const shown = await az.run<{ interval: string; value: { name: { value: string } }[] }>(
    ...['monitor', 'metrics', 'list', ...resource],
    ...['--metric', 'AvailableCapacity', '--interval', 'PT5M'],
  );
  assert.deepEqual(
    shown.value.map(({ name }) => name.value),
    ['AvailableCapacity'],
  );
  const workspace = `${GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs`;
  const settings = ['monitor', 'diagnostic-settings'];
  await az.run(
    ...[...settings, 'create', '--name', 'to-logs', ...resource, '--workspace', workspace],
    ...['--metrics', '[{"category":"AllMetrics","enabled":true}]'],
  );
  const listed = await az.run<{ name: string; workspaceId: string }[]>(
    ...[...settings, 'list', ...resource],
  );
  assert.deepEqual(
    listed.map(({ name, workspaceId }) => [name, workspaceId]),
    [['to-logs', workspace]],
  );
  await az.run(...settings, 'delete', '--name', 'to-logs', ...resource);
  assert.deepEqual(await az.run(...settings, 'list', ...resource), []);
});

test('the Python SDK of az works in old and new api-versions', program, async (t) => {
  const { az, secure } = await start(t);
  await az.run('group', 'create', '--name', RG, '--location', 'eastus');
  const program = join(import.meta.dirname, 'databoxedge.py');
  const seen = await az.python(program, [secure, RG, ...VERSIONS]);
  const expected = VERSIONS.map((version) => [
    version,
    {
      status: 'ReadyToSetup',
      isEtagNew: true,
      tags: { by: version },
      isListed: true,
      order: ['Microsoft', true, []],
      gone: [404, 'ResourceNotFound'],
    },
  ]);
  assert.deepEqual(seen, Object.fromEntries(expected));
});
