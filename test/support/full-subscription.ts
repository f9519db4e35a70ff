/** A subscription with more in it than one piece of its deletion removes, and what is left of one in the database. */
import { randomUUID } from 'node:crypto';
import type { Database } from '#store/database.ts';
import { type ArmClient, DEVICE, GROUP, SUBSCRIPTION } from './arm-client.ts';
import { SCHEDULE } from './bodies.ts';

export const DEVICES = 30;
export const DEPLOYMENTS = 12;
const EMPTY_GROUPS = 10;

const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
const PLATFORM = '?api-version=2021-04-01';
const SUBSCRIPTION_ID = `/subscriptions/${SUBSCRIPTION}`;

/** What locks a scope, in the way of a group's deletion but not of a subscription's. */
export async function lock(arm: ArmClient, scope: string): Promise<void> {
  const url = `${scope}/providers/Microsoft.Authorization/locks/l?api-version=2016-09-01`;
  await arm.put(url, { properties: { level: 'CanNotDelete' } }, 201);
}

async function assignRole(arm: ArmClient, scope: string): Promise<void> {
  const url = `${scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
  const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${READER}`;
  await arm.put(url, { properties: { roleDefinitionId, principalId: randomUUID() } }, 201);
}

/** An active device with a child, others beside it, deployments of which one runs, role assignments, and groups. */
export async function fillSubscription(arm: ArmClient): Promise<void> {
  await arm.activeDevice();
  await arm.done('put', `${DEVICE}/bandwidthSchedules/b`, SCHEDULE);
  for (let index = 2; index <= DEVICES; index++) {
    const body = { location: 'eastus', sku: { name: 'EdgeP_Base' } };
    await arm.put(DEVICE.replace('edge1', `edge${index}`), body);
  }
  for (let index = 1; index <= EMPTY_GROUPS; index++) {
    await arm.put(
      `${SUBSCRIPTION_ID}/resourceGroups/empty${index}${PLATFORM}`,
      {
        location: 'eastus',
      },
      201,
    );
  }
  for (const scope of [SUBSCRIPTION_ID, GROUP, DEVICE]) await assignRole(arm, scope);
  const deploy = async (scope: string, name: string, resources: object[]): Promise<void> => {
    const template = { contentVersion: '1.0.0.0', resources } as never;
    const url = `${scope}/providers/Microsoft.Resources/deployments/${name}${PLATFORM}`;
    const body = { location: 'eastus', properties: { mode: 'Incremental', template } };
    await arm.put(url, scope === GROUP ? { properties: body.properties } : body, 201);
  };
  for (let index = 1; index < DEPLOYMENTS - 1; index++) await deploy(GROUP, `d${index}`, []);
  await deploy(SUBSCRIPTION_ID, 'above', []);
  const type = 'Microsoft.DataBoxEdge/dataBoxEdgeDevices/bandwidthSchedules';
  const schedule = { type, apiVersion: '2023-12-01', name: 'edge1/c', ...SCHEDULE };
  await deploy(GROUP, 'running', [schedule]);
  await arm.post(`${SUBSCRIPTION_ID}/providers/Microsoft.DataBoxEdge/register${PLATFORM}`);
}

/** How many rows there are below `scope`, by table; tables without any are not named. */
export async function rowsWithin(
  { reader }: Database,
  scope: string,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const count = async (
    table: 'resources' | 'resource_groups' | 'locks' | 'role_assignments' | 'deployments',
  ): Promise<void> => {
    const { number } = await reader
      .selectFrom(table)
      .select((eb) => eb.fn.countAll().as('number'))
      .where((eb) =>
        eb.or([eb('key', '=', scope.toLowerCase()), eb('key', 'like', `${scope.toLowerCase()}/%`)]),
      )
      .executeTakeFirstOrThrow();
    if (Number(number) > 0) counts[table] = Number(number);
  };
  for (const table of [
    'resources',
    'resource_groups',
    'locks',
    'role_assignments',
    'deployments',
  ] as const) {
    await count(table);
  }
  const running = await reader
    .selectFrom('operations')
    .select('type')
    .where('status', '=', 'Running')
    .where('resource_key', 'like', `${scope.toLowerCase()}%`)
    .execute();
  if (running.length > 0) counts.running = running.length;
  const orphans = await reader
    .selectFrom('deployment_operations')
    .select('deployment')
    .where('deployment', 'like', `${scope.toLowerCase()}/%`)
    .execute();
  if (orphans.length > 0) counts.deployment_operations = orphans.length;
  return counts;
}
