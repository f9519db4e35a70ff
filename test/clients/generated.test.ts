/**
 * A client generated from the documents that we serve: openapi-typescript makes its types, tsc checks a user's program
 * against them, and openapi-fetch runs it at the listening service.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { SUBSCRIPTION } from '../support/arm-client.ts';
import { startListening } from '../support/listening.ts';
import { temporaryFolder } from '../support/process.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** A user's program. What it expects of the types, tsc checks. */
const PROGRAM = `
import createClient from 'openapi-fetch';
import type { paths } from './schema.d.ts';

const [address = '', subscriptionId = ''] = process.argv.slice(2);
const DEVICES =
  '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices';
const DEVICE = \`\${DEVICES}/{deviceName}\` as const;
const SCHEDULE = \`\${DEVICE}/bandwidthSchedules/{name}\` as const;

const client = createClient<paths>({ baseUrl: address });
const query = { 'api-version': 'VERSION' } as const;
const group = { subscriptionId, resourceGroupName: 'GroupForEdgeAutomation' };
const path = { ...group, deviceName: 'edge1' };
const on = { params: { query, path } };

const created = await client.PUT(DEVICE, {
  ...on,
  body: { location: 'eastus', sku: { name: 'EdgeP_Base', tier: 'Standard' } },
});
const changed = await client.PATCH(DEVICE, { ...on, body: { tags: { floor: '31' } } });
const listed = await client.GET(DEVICES, { params: { query, path: group } });
const location: string | undefined = listed.data?.value?.[0]?.location;
// @ts-expect-error: a location is a text
const refused = await client.PUT(DEVICE, { ...on, body: { location: 1 } });
const missing = await client.GET(SCHEDULE, {
  params: { query, path: { ...path, name: 'daily' } },
});
// @ts-expect-error: there is no such action
const unknown = await client.POST(\`\${DEVICE}/launch\`, on);
const code: string | undefined = missing.error?.error?.code;
const removed = await client.DELETE(DEVICE, on);

console.log(
  JSON.stringify({
    created: [created.response.status, created.data?.properties?.dataBoxEdgeDeviceStatus],
    changed: [changed.response.status, changed.data?.tags],
    listed: [listed.data?.value?.map(({ name }) => name), location],
    refused: refused.response.status,
    missing: [missing.response.status, code],
    unknown: unknown.response.status,
    removed: removed.response.status,
  }),
);
`;

/** As `PROGRAM`, of what is around the provider and of control: one call of each operation, with the body that its type wants. */
const AROUND = `
import createClient from 'openapi-fetch';
import type { paths } from './schema.d.ts';

const [address = '', subscriptionId = ''] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: address });
const SUBSCRIPTION = '/subscriptions/{subscriptionId}';
const GROUP = '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}';
const RESOURCES = \`\${GROUP}/providers/Microsoft.Resources\` as const;
const AUTHORIZATION = \`\${GROUP}/providers/Microsoft.Authorization\` as const;
const DEVICE = \`\${GROUP}/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/{deviceName}\` as const;
const KUBERNETES = '/_edgetwin/appliances/kubernetes';

const seen: [string, number, unknown?][] = [];
type Answered = { response: { status: number; url: string }; error?: unknown };
async function note(name: string, answered: Promise<Answered>): Promise<void> {
  const { response, error } = await answered;
  seen.push(error === undefined ? [name, response.status] : [name, response.status, error]);
}

const query = { 'api-version': '2021-04-01' };
const ofSubscription = { params: { query, path: { subscriptionId } } };
const group = { subscriptionId, resourceGroupName: 'demo' };
const ofGroup = { params: { query, path: group } };
const guid = (digit: string) => '11111111-1111-4111-8111-111111111111'.replaceAll('1', digit);
const resource = \`/subscriptions/\${subscriptionId}/resourceGroups/demo/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/edge1\`;
const ofDevice = { params: { query: { resource } } };
const advance = async (duration: string) =>
  client.POST('/_edgetwin/clock/advance', { body: { duration } });

await note('subscription', client.PUT('/_edgetwin/subscriptions/{id}', { params: { path: { id: subscriptionId } } }));
await note('clock', client.GET('/_edgetwin/clock'));
await note('set clock', client.PUT('/_edgetwin/clock', { body: { rate: 60 } }));
await note('group', client.PUT(GROUP, { ...ofGroup, body: { location: 'eastus', tags: { team: 'edge' } } }));
await note('changed group', client.PATCH(GROUP, { ...ofGroup, body: { tags: { team: 'core' } } }));
await note('groups', client.GET(\`\${SUBSCRIPTION}/resourceGroups\`, ofSubscription));

const device = { params: { query: { 'api-version': '2023-12-01' as const }, path: { ...group, deviceName: 'edge1' } } };
await note('device', client.PUT(DEVICE, { ...device, body: { location: 'eastus', sku: { name: 'EdgeP_Base' } } }));
const { data: key } = await client.POST(\`\${DEVICE}/generateCertificate\`, device);
await note('certificate', client.POST(\`\${DEVICE}/uploadCertificate\`, { ...device, body: { properties: { certificate: key?.publicKey ?? '' } } }));
await note('advance', advance('PT10M'));

const lock = { params: { query, path: { ...group, lockName: 'keep' } } };
await note('lock', client.PUT(\`\${AUTHORIZATION}/locks/{lockName}\`, { ...lock, body: { properties: { level: 'CanNotDelete' } } }));
await note('locks', client.GET(\`\${AUTHORIZATION}/locks\`, ofGroup));
await note('unlock', client.DELETE(\`\${AUTHORIZATION}/locks/{lockName}\`, lock));
await note('tags', client.PUT(\`\${RESOURCES}/tags/default\`, { ...ofGroup, body: { properties: { tags: { a: 'b' } } } }));
await note('merged tags', client.PATCH(\`\${RESOURCES}/tags/default\`, { ...ofGroup, body: { operation: 'Merge', properties: { tags: { c: 'd' } } } }));
await note('role', client.PUT(\`\${AUTHORIZATION}/roleDefinitions/{roleDefinitionId}\`, {
  params: { query, path: { ...group, roleDefinitionId: guid('3') } },
  body: { properties: { roleName: 'Edge operator', permissions: [{ actions: ['Microsoft.DataBoxEdge/*'] }], assignableScopes: [\`/subscriptions/\${subscriptionId}/resourceGroups/demo\`] } },
}));
await note('assignment', client.PUT(\`\${AUTHORIZATION}/roleAssignments/{roleAssignmentName}\`, {
  params: { query, path: { ...group, roleAssignmentName: guid('4') } },
  body: { properties: { roleDefinitionId: \`/subscriptions/\${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/\${guid('3')}\`, principalId: guid('5') } },
}));
const deployment = { params: { query, path: { ...group, deploymentName: 'first' } } };
const template = { $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#', contentVersion: '1.0.0.0', resources: [] };
const body = { properties: { mode: 'Incremental', template } };
await note('validation', client.POST(\`\${RESOURCES}/deployments/{deploymentName}/validate\`, { ...deployment, body }));
await note('what-if', client.POST(\`\${RESOURCES}/deployments/{deploymentName}/whatIf\`, { ...deployment, body }));
await note('deployment', client.PUT(\`\${RESOURCES}/deployments/{deploymentName}\`, { ...deployment, body }));
await note('export', client.POST(\`\${GROUP}/exportTemplate\`, { ...ofGroup, body: { resources: ['*'] } }));
await note('graph', client.POST('/providers/Microsoft.ResourceGraph/resources', {
  params: { query: { 'api-version': '2021-03-01' } },
  body: { query: 'Resources | project name', options: { $top: 10 } },
}));
await note('batch', client.POST('/batch', {
  params: { query: { 'api-version': '2020-06-01' } },
  body: { requests: [{ httpMethod: 'GET', url: '/subscriptions?api-version=2022-12-01' }] },
}));

await note('set network', client.PUT(\`\${KUBERNETES}/network\`, { body: { resource, podSubnet: '10.96.0.0/16', serviceSubnet: '10.97.0.0/16' } }));
await note('network', client.GET(\`\${KUBERNETES}/network\`, ofDevice));
await note('cluster', client.PUT(\`\${DEVICE}/roles/{name}\`, {
  params: { ...device.params, path: { ...device.params.path, name: 'k8s' } },
  body: { kind: 'Kubernetes', properties: { hostPlatform: 'Linux', roleStatus: 'Enabled', kubernetesClusterInfo: { version: 'v1.25.5' }, kubernetesRoleResources: { compute: { vmProfile: 'DS1_v2' } } } },
}));
await advance('PT1H');
const YAML = { parseAs: 'text' } as const;
await note('kubeconfig', client.GET('/_edgetwin/appliances/kubeconfig', { ...ofDevice, ...YAML }));
await note('namespace', client.POST(\`\${KUBERNETES}/namespaces\`, { body: { resource, namespace: 'shop' } }));
await note('user', client.POST(\`\${KUBERNETES}/users\`, { body: { resource, user: 'anna' }, ...YAML }));
await note('access', client.POST(\`\${KUBERNETES}/access\`, { body: { resource, namespace: 'shop', user: 'anna' } }));
await note('namespaces', client.GET(\`\${KUBERNETES}/namespaces\`, ofDevice));
await note('no access', client.DELETE(\`\${KUBERNETES}/access\`, { params: { query: { resource, namespace: 'shop', user: 'anna' } } }));
await note('no user', client.DELETE(\`\${KUBERNETES}/users\`, { params: { query: { resource, user: 'anna' } } }));
await note('no namespace', client.DELETE(\`\${KUBERNETES}/namespaces\`, { params: { query: { resource, namespace: 'shop' } } }));
await note('channel key', client.GET('/_edgetwin/appliances/channelIntegrityKey', ofDevice));
await note('fault kinds', client.GET('/_edgetwin/faults/kinds'));
const { data: fault } = await client.POST('/_edgetwin/faults', { body: { resource, kind: 'uplinkDown', for: 'PT2H' } });
await note('faults', client.GET('/_edgetwin/faults', ofDevice));
await note('explanation', client.GET('/_edgetwin/explain', { params: { query: { resource, field: 'dataBoxEdgeDeviceStatus' } } }));
await note('healing', client.DELETE('/_edgetwin/faults/{id}', { params: { path: { id: String((fault as { id?: unknown } | undefined)?.id) } } }));
const { data: campaign } = await client.POST('/_edgetwin/faults/campaigns', { body: { resource, kinds: ['uplinkDown'], meanTimeBetween: 'PT6H', for: 'PT12H', seed: 'one' } });
await note('campaigns', client.GET('/_edgetwin/faults/campaigns', ofDevice));
await note('end of a campaign', client.DELETE('/_edgetwin/faults/campaigns/{id}', { params: { path: { id: String((campaign as { id?: unknown } | undefined)?.id) } } }));
const order = { contactInformation: { contactPerson: 'Anna', companyName: 'Contoso', phone: '555-0100', emailList: ['anna@example.com'] }, shippingAddress: { country: 'United States' } };
await note('order', client.POST('/_edgetwin/orders', { body: { resource, properties: order } }));
await advance('P20D');
await note('return', client.POST('/_edgetwin/orders/return', { body: { resource } }));
await advance('P2D');
await note('lost machine', client.POST('/_edgetwin/orders/state', { body: { resource, state: 'LostDevice' } }));
await note('support request', client.POST('/_edgetwin/supportRequests', {
  body: { issueType: 'Billing', subscription: subscriptionId, service: 'Azure Stack Edge', resource, summary: 'Arc was in preview', problemType: 'Unexpected Charges', problemSubtype: 'Help me understand charges on my free trial' },
}));
await note('journal', client.GET('/_edgetwin/journal', { params: { query: { resource, limit: '10' } } }));
const bills = { params: { query: { subscription: subscriptionId } } };
await note('usage', client.GET('/_edgetwin/billing/usage', bills));
await note('offers', client.GET('/_edgetwin/billing/offers', bills));
await note('invoices', client.GET('/_edgetwin/billing/invoices', bills));
const refused = await client.POST('/_edgetwin/appliances/activate', { body: { activationKey: 'none' } });
await note('activation', Promise.resolve(refused));
const code: string | undefined = refused.error?.error?.code;
// @ts-expect-error: a duration is a text
await client.POST('/_edgetwin/clock/advance', { body: { duration: 1 } });
await note('reset', client.POST('/_edgetwin/reset'));

console.log(JSON.stringify({ seen, code }));
`;

const TSCONFIG = {
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
  },
  include: ['program.ts', 'schema.d.ts'],
};

const DOCUMENTS = [
  { document: '/openapi.json', version: '2023-12-01' },
  { document: '/openapi/2021-06-01.json', version: '2021-06-01' },
] as const;

for (const { document, version } of DOCUMENTS) {
  test(`a client generated from ${document} type-checks and runs`, async (t) => {
    const [arm, folder] = await Promise.all([startListening(t), temporaryFolder(t)]);
    await arm.put(
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/GroupForEdgeAutomation?api-version=2021-04-01`,
      { location: 'eastus' },
      201,
    );
    const program = await programIn(folder, PROGRAM.replace('VERSION', version));
    const said = await runGenerated(arm.origin, folder, { document, program });
    assert.deepEqual(JSON.parse(said), {
      created: [200, 'ReadyToSetup'],
      changed: [200, { floor: '31' }],
      listed: [['edge1'], 'eastus'],
      refused: 400,
      missing: [404, 'GatewayUserErrorEntityNotFound'],
      unknown: 404,
      removed: 200,
    });
  });
}

/** Writes a user's program into a folder that has what it needs; its path. */
async function programIn(folder: string, text: string): Promise<string> {
  const program = join(folder, 'program.ts');
  await Promise.all([
    symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules')),
    writeFile(join(folder, 'package.json'), '{ "type": "module" }'),
    writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG)),
    writeFile(program, text),
  ]);
  return program;
}

/** Generates the types, checks the program against them and runs it; gives what it writes. */
async function runGenerated(
  origin: string,
  folder: string,
  { document, program }: { readonly document: string; readonly program: string },
): Promise<string> {
  const tool = async (name: string, words: readonly string[]): Promise<string> =>
    await outputOf(join(ROOT, 'node_modules/.bin', name), words);
  const types = join(folder, 'schema.d.ts');
  await tool('openapi-typescript', [origin + document, '--output', types]);
  await tool('tsc', ['--project', folder]);
  return await outputOf(process.execPath, [program, origin, SUBSCRIPTION]);
}

test('issue 9, 18: a generated client calls control, groups, locks, tags, roles and deployments', async (t) => {
  const [arm, folder] = await Promise.all([
    startListening(t, { EDGETWIN_ORDERS: 'hardware-center' }),
    temporaryFolder(t),
  ]);
  const program = await programIn(folder, AROUND);
  const said = await runGenerated(arm.origin, folder, { document: '/openapi.json', program });
  const { seen, code } = JSON.parse(said) as { seen: [string, number, unknown?][]; code: string };
  const failed = seen.filter(([name, status]) => status >= 400 && name !== 'activation');
  assert.deepEqual(failed, []);
  assert.deepEqual([seen.length, typeof code], [50, 'string']);
  // Nothing of control is left out.
  const document = (await (await fetch(`${arm.origin}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    path.startsWith('/_edgetwin/') ? Object.keys(methods).map((method) => [path, method]) : [],
  );
  const called = AROUND.replaceAll('${KUBERNETES}', '/_edgetwin/appliances/kubernetes');
  const missing = operations.filter(
    ([path = '', method = '']) =>
      !new RegExp(
        `client\\.${method.toUpperCase()}\\([\\\\\`']*${path.replaceAll(/[{}]/g, '.')}['\`]`,
      ).test(called),
  );
  assert.deepEqual(missing, [['/_edgetwin/ca.pem', 'get']]);
});

/** What a command writes; a throw with all that it said where it fails. */
async function outputOf(command: string, words: readonly string[]): Promise<string> {
  try {
    return (await run(command, [...words])).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} failed: ${stdout}${stderr}`, { cause: error });
  }
}
