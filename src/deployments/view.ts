/** The views of deployments and their operations for clients (arm-protocol §6.5), without secrets. */
import { normalisedLocation } from '#arm/names.ts';
import { lastSegmentOf, namespaceOfType, pathOfType } from '#shared/arm-id.ts';
import { present } from '#shared/assert.ts';
import { errorBodyOf } from '#shared/envelope.ts';
import { type ErrorBody, RefusedError } from '#shared/failure.ts';
import { between, formatInstant, type Instant } from '#shared/instant.ts';
import type { Json, JsonObject } from '#shared/json.ts';
import {
  type DeploymentOperationRow,
  type DeploymentRow,
  type DeploymentState,
  findDeployment,
} from '#store/deployments.ts';
import { findOperation, type OperationRow } from '#store/operations.ts';
import { TemplateError } from './expressions/template-error.ts';
import { hashNumber } from './expressions/identifiers.ts';
import { evaluated } from './loops.ts';
import type { TypedValue } from './parameters.ts';
import { type DeploymentParts, requestOf } from './parts.ts';
import { prepare, type Prepared, resolved } from './prepare.ts';
import { CANCELED, deploymentErrors } from './refusals.ts';
import type { PlannedResource } from './resources.ts';

export function stateOf(row: DeploymentRow, operation: OperationRow): DeploymentState {
  return row.canceledAt === undefined ? operation.status : 'Canceled';
}

/** The view of the deployment `id`; refuses an unknown one. */
export async function viewOfDeploymentId(parts: DeploymentParts, id: string): Promise<JsonObject> {
  const row = await findDeployment(parts.provider.database.reader, id.toLowerCase());
  if (row === undefined) throw deploymentErrors.notFound(lastSegmentOf(id));
  return await viewOfDeployment(parts, row);
}

export async function viewOfDeployment(
  parts: DeploymentParts,
  row: DeploymentRow,
): Promise<JsonObject> {
  const operation = await operationOf(parts, row);
  const request = requestOf(parts, row);
  const prepared = await preparedIfValid(parts, row, operation);
  const failure = row.canceledAt === undefined ? operation.failure : CANCELED;
  return {
    ...headOf(row),
    properties: {
      templateHash: hashNumber(JSON.stringify(request.template)),
      ...(prepared === undefined ? {} : summaryOf(prepared)),
      mode: row.mode,
      provisioningState: stateOf(row, operation),
      timestamp: formatInstant(operation.endedAt ?? operation.startedAt),
      duration: durationOf(operation.startedAt, operation.endedAt ?? operation.startedAt),
      correlationId: operation.correlationId,
      ...operation.output,
      ...(failure === undefined ? {} : { error: errorOf(failure) }),
    },
  };
}

export async function operationOf(
  { provider }: DeploymentParts,
  row: DeploymentRow,
): Promise<OperationRow> {
  return present(
    await findOperation(provider.database, row.operationId),
    'the run of a deployment',
  );
}

/** Undefined where the template is no longer valid, for instance without its group; the deployment is shown all the same. */
async function preparedIfValid(
  parts: DeploymentParts,
  row: DeploymentRow,
  operation: OperationRow,
): Promise<Prepared | undefined> {
  try {
    const request = requestOf(parts, row);
    return await prepare(parts.provider, { id: row.id, request, at: operation.startedAt });
  } catch (error) {
    if (error instanceof TemplateError || error instanceof RefusedError) return undefined;
    throw error;
  }
}

const headOf = ({ id, name, location, tags }: DeploymentRow): JsonObject => ({
  id,
  name,
  type: 'Microsoft.Resources/deployments',
  ...(location === undefined ? {} : { location }),
  ...(Object.keys(tags).length === 0 ? {} : { tags: { ...tags } }),
});

/** Parameters, providers and dependencies, from the template alone. */
export function summaryOf(prepared: Prepared): JsonObject {
  const deployed = prepared.resources.filter(({ isDeployed }) => isDeployed);
  return {
    parameters: typedView(prepared.parameters),
    providers: providersOf(deployed),
    dependencies: deployed
      .filter(({ waitsFor }) => waitsFor.length > 0)
      .map((resource) => ({
        dependsOn: resource.waitsFor
          .map((position) => prepared.resources[position])
          .filter((before) => before?.isDeployed === true)
          .map((before) => resourceReference(present(before, 'a dependency'))),
        ...resourceReference(resource),
      })),
  };
}

/** The values as `{name: {type, value}}`, secret ones without their values. */
export function typedView(values: readonly TypedValue[]): JsonObject {
  return Object.fromEntries(
    values.map(({ name, type, value, isSecret }) => [name, isSecret ? { type } : { type, value }]),
  );
}

const resourceReference = ({ id, type, name }: PlannedResource): JsonObject => ({
  id,
  resourceType: type,
  resourceName: name,
});

function providersOf(resources: readonly PlannedResource[]): Json[] {
  const byNamespace = Map.groupBy(resources, ({ type }) => namespaceOfType(type));
  return [...byNamespace].map(([namespace, own]) => ({
    namespace,
    resourceTypes: [...new Set(own.map(({ type }) => pathOfType(type)))].map((resourceType) => ({
      resourceType,
      locations: locationsOf(own, resourceType),
    })),
  }));
}

/** The locations of a type's resources; null for a resource without one, or with one that is only known at run time. */
function locationsOf(resources: readonly PlannedResource[], resourceType: string): Json[] {
  const locations = resources
    .filter(({ type }) => pathOfType(type) === resourceType)
    .map(({ declaration: { location = null }, scope }) => {
      const found = resolved(() => evaluated(location, scope));
      const value = 'value' in found ? found.value : null;
      return typeof value === 'string' ? normalisedLocation(value) : null;
    });
  return [...new Set(locations)];
}

/** The ISO 8601 duration between two instants: `PT1M5.5S`. */
function durationOf(from: Instant, to: Instant): string {
  const total = Math.max(0, between(from, to)) / 1000;
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = Number((total % 60).toFixed(3));
  const parts = [
    hours > 0 ? `${hours}H` : '',
    minutes > 0 ? `${minutes}M` : '',
    seconds > 0 || total < 60 ? `${seconds}S` : '',
  ];
  return `PT${parts.join('')}`;
}

/** The `error` of the envelope. */
export const errorOf = (failure: ErrorBody): JsonObject => errorBodyOf(failure);

/** One entry of `…/deployments/{n}/operations`. */
export function operationView(
  deployment: DeploymentRow,
  operation: DeploymentOperationRow,
  resource: PlannedResource | undefined,
): JsonObject {
  const { startedAt, endedAt, status, failure } = operation;
  const operationId = operationIdOf(deployment, operation);
  return {
    id: `${deployment.id}/operations/${operationId}`,
    operationId,
    properties: {
      provisioningOperation: 'Create',
      provisioningState: status,
      timestamp: formatInstant(endedAt ?? startedAt),
      duration: durationOf(startedAt, endedAt ?? startedAt),
      statusCode: failure === undefined ? (operation.isCreation ? 'Created' : 'OK') : 'BadRequest',
      ...(failure === undefined
        ? {}
        : { statusMessage: { status: 'Failed', error: errorOf(failure) } }),
      targetResource: {
        id: operation.target,
        ...(resource === undefined
          ? {}
          : { resourceType: resource.type, resourceName: resource.name }),
        ...(resource?.symbol === undefined ? {} : { symbolicName: resource.symbol }),
      },
    },
  };
}

/** The id of an operation: 16 hexadecimal digits, as in ARM. The last four are the position. */
const operationIdOf = (
  { operationId }: DeploymentRow,
  { position }: DeploymentOperationRow,
): string =>
  (
    operationId.replaceAll('-', '').slice(0, 12) + position.toString(16).padStart(4, '0')
  ).toUpperCase();

/** The position of the operation of that id; undefined where the deployment has no operation of such an id. */
export function positionIn({ operationId }: DeploymentRow, id: string): number | undefined {
  const [, run, position = ''] = /^([0-9a-f]{12})([0-9a-f]{4})$/i.exec(id) ?? [];
  const isOfRun = run?.toLowerCase() === operationId.replaceAll('-', '').slice(0, 12);
  return isOfRun ? Number.parseInt(position, 16) : undefined;
}
