/** The deployments API: `{scope}/providers/Microsoft.Resources/deployments/…` of groups and subscriptions (arm-protocol §6.5). */
import { type Answer, statusAnswer } from '#arm/polling.ts';
import { urlPathOf } from '#shared/arm-id.ts';
import { askedVersion } from '#arm/versions.ts';
import { formatInstant } from '#shared/instant.ts';
import { isJsonObject } from '#shared/json.ts';
import { findDeployment } from '#store/deployments.ts';
import type { PlatformCall, PlatformRoute } from '#arm/platform-route.ts';
import { acceptDeployment } from './accept.ts';
import { cancelDeployment } from './cancel.ts';
import { type Checked, checkDeployment } from './check.ts';
import { hashNumber } from './expressions/identifiers.ts';
import {
  exportTemplate,
  deleteDeployment,
  hasDeployment,
  listOfDeployments,
  listOfOperations,
  pollDeployment,
  showDeployment,
  showOperation,
} from './history.ts';
import { deploymentIdIn, deploymentIn, SHOWN_TYPE } from './named.ts';
import type { DeploymentParts } from './parts.ts';
import { deploymentErrors, refusingTemplates } from './refusals.ts';
import { type DeploymentRequest, readRequest } from './request.ts';
import { summaryOf, viewOfDeployment } from './view.ts';
import { changesOf } from './what-if.ts';

const SCOPES = [
  '/subscriptions/:subscriptionId/resourceGroups/:resourceGroupName',
  '/subscriptions/:subscriptionId',
] as const;

type Handler = (parts: DeploymentParts, call: PlatformCall) => Promise<Answer>;

/** Method, path below the collection, permission, summary, handler. */
const ROUTES: readonly (readonly [PlatformRoute['method'], string, string, string, Handler])[] = [
  ['GET', '', 'read', 'Lists the deployments of a scope.', listOfDeployments],
  ['PUT', '/:deploymentName', 'write', 'Deploys a template.', create],
  ['GET', '/:deploymentName', 'read', 'Shows a deployment.', showDeployment],
  ['HEAD', '/:deploymentName', 'read', 'Checks whether a deployment exists.', hasDeployment],
  [
    'DELETE',
    '/:deploymentName',
    'delete',
    'Deletes a deployment from the history.',
    deleteDeployment,
  ],
  ['POST', '/:deploymentName/validate', 'validate/action', 'Checks a template.', validate],
  [
    'POST',
    '/:deploymentName/whatIf',
    'whatIf/action',
    'Shows what a template would change.',
    whatIf,
  ],
  ['POST', '/:deploymentName/cancel', 'cancel/action', 'Cancels a running deployment.', cancel],
  [
    'POST',
    '/:deploymentName/exportTemplate',
    'exportTemplate/action',
    'Shows the template of a deployment.',
    exportTemplate,
  ],
  [
    'GET',
    '/:deploymentName/operations',
    'operations/read',
    'Lists the operations of a deployment.',
    listOfOperations,
  ],
  [
    'GET',
    '/:deploymentName/operations/:operationId',
    'operations/read',
    'Shows an operation of a deployment.',
    showOperation,
  ],
  [
    'GET',
    '/:deploymentName/operationStatuses/:operationId',
    'operationstatuses/read',
    'Polls a deployment.',
    pollDeployment,
  ],
];

/** The path of operations in old SDKs, which az 2.45 still uses [ran]. */
const OLD_OPERATIONS = `${SCOPES[0]}/deployments/:deploymentName/operations`;

/** The routes of deployments at both scopes, and the old path of their operations. */
export function deploymentRoutes(parts: DeploymentParts): PlatformRoute[] {
  const routes = SCOPES.flatMap((scope) =>
    ROUTES.map(
      ([method, path, permission, summary, carryOut]): PlatformRoute => ({
        type: SHOWN_TYPE,
        method,
        path: `${scope}/providers/${SHOWN_TYPE}${path}`,
        permission,
        summary,
        carryOut: async (call: PlatformCall) =>
          await refusingTemplates(call.bodyText, async () => carryOut(parts, call)),
      }),
    ),
  );
  const operations = `${SCOPES[0]}/providers/${SHOWN_TYPE}/:deploymentName/operations`;
  const old = routes
    .filter(({ path }) => path.startsWith(operations))
    .map((route) => ({ ...route, path: route.path.replace(operations, OLD_OPERATIONS) }));
  return [...routes, ...old];
}

/** Reads and checks the request of a call, and the caller's right to everything that the deployment will do. */
async function readChecked(
  parts: DeploymentParts,
  call: PlatformCall,
): Promise<Checked & { readonly id: string; readonly request: DeploymentRequest }> {
  const id = await deploymentIdIn(parts, call);
  const request = readRequest(call.body, call.parameters.resourceGroupName === undefined);
  const at = parts.provider.clock.now();
  const checked = await checkDeployment(parts, { id, request, at });
  for (const own of checked.requests) await call.admit(own);
  return { ...checked, id, request };
}

async function create(parts: DeploymentParts, call: PlatformCall): Promise<Answer> {
  const { provider } = parts;
  const { id, request } = await readChecked(parts, call);
  const { correlationId } = call;
  const at = provider.clock.now();
  const accepted = await acceptDeployment(parts, {
    id,
    request,
    at,
    correlationId,
    actor: call.actor,
    parent: undefined,
  });
  const row = await findDeployment(provider.database.reader, id.toLowerCase());
  const view = row === undefined ? {} : await viewOfDeployment(parts, row);
  const properties = isJsonObject(view.properties) ? view.properties : {};
  const version = askedVersion(call.query) ?? '';
  const status = `${call.origin}${urlPathOf(accepted.id)}/operationStatuses/${accepted.operation.id}?api-version=${version}`;
  return {
    status: accepted.isCreation ? 201 : 200,
    headers: {
      'azure-asyncoperation': status,
      ...statusAnswer({ status: 'Accepted' }, provider.clock).headers,
    },
    body: { ...view, properties: { ...properties, provisioningState: 'Accepted' } },
  };
}

async function validate(parts: DeploymentParts, call: PlatformCall): Promise<Answer> {
  const { id, request, prepared } = await readChecked(parts, call);
  const { mode, template, location } = request;
  return {
    status: 200,
    body: {
      id,
      name: call.parameters.deploymentName ?? '',
      type: SHOWN_TYPE,
      ...(location === undefined ? {} : { location }),
      properties: {
        templateHash: hashNumber(JSON.stringify(template)),
        ...summaryOf(prepared),
        mode,
        provisioningState: 'Succeeded',
        timestamp: formatInstant(parts.provider.clock.now()),
        duration: 'PT0S',
        correlationId: call.correlationId,
        validatedResources: prepared.resources
          .filter(({ isDeployed }) => isDeployed)
          .map((resource) => ({ id: resource.id })),
      },
    },
  };
}

async function whatIf(parts: DeploymentParts, call: PlatformCall): Promise<Answer> {
  const { prepared } = await readChecked(parts, call);
  const properties = isJsonObject(call.body) ? call.body.properties : undefined;
  const settings = isJsonObject(properties) ? properties.whatIfSettings : undefined;
  const format = isJsonObject(settings) ? settings.resultFormat : undefined;
  const isBrief = typeof format === 'string' && format.toLowerCase() === 'resourceidonly';
  const { correlationId } = call;
  const changes = await changesOf(parts, { prepared, correlationId, isBrief });
  return { status: 200, body: { status: 'Succeeded', properties: { correlationId, changes } } };
}

async function cancel(parts: DeploymentParts, call: PlatformCall): Promise<Answer> {
  const row = await deploymentIn(parts, call);
  const { database, clock } = parts.provider;
  const isCanceled = await database.write(async (writer) =>
    cancelDeployment(writer, row, clock.now()),
  );
  if (!isCanceled) throw deploymentErrors.notCancelable(row.name);
  return { status: 204 };
}
