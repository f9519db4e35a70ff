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
    const program = join(folder, 'program.ts');
    await Promise.all([
      symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules')),
      writeFile(join(folder, 'package.json'), '{ "type": "module" }'),
      writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG)),
      writeFile(program, PROGRAM.replace('VERSION', version)),
    ]);
    const tool = async (name: string, words: readonly string[]): Promise<string> =>
      await outputOf(join(ROOT, 'node_modules/.bin', name), words);
    await tool('openapi-typescript', [
      arm.origin + document,
      '--output',
      join(folder, 'schema.d.ts'),
    ]);
    await tool('tsc', ['--project', folder]);
    const said = await outputOf(process.execPath, [program, arm.origin, SUBSCRIPTION]);
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

/** What a command writes; a throw with all that it said where it fails. */
async function outputOf(command: string, words: readonly string[]): Promise<string> {
  try {
    return (await run(command, [...words])).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} failed: ${stdout}${stderr}`, { cause: error });
  }
}
