/** The refusals of deployments, in ARM's words where those are known, and the conversion of template errors to refusals. */
import { errors } from '#arm/errors.ts';
import { placeInJson } from '#arm/json-place.ts';
import { lastSegmentOf } from '#shared/arm-id.ts';
import { type ErrorBody, type Failure, RefusedError } from '#shared/failure.ts';
import { shortened } from '#shared/outline.ts';
import { TemplateError } from './expressions/template-error.ts';

const gateway = (status: number, failure: ErrorBody): RefusedError =>
  new RefusedError(status, failure, { refusedBy: 'gateway' });

export const deploymentErrors = {
  /** [mem] */
  notFound: (name: string) =>
    gateway(404, {
      code: 'DeploymentNotFound',
      message: `Deployment '${name}' could not be found.`,
    }),

  /** The code is [doc], the text [mem]. */
  active: (id: string) =>
    gateway(409, {
      code: 'DeploymentActiveAndUneditable',
      message:
        `Unable to edit or replace deployment '${lastSegmentOf(id)}': previous deployment is still active. ` +
        'Please see https://aka.ms/arm-deploy for usage details.',
    }),

  /** [mem] */
  notCancelable: (name: string) =>
    gateway(409, {
      code: 'DeploymentCannotBeCancelled',
      message: `The deployment '${name}' cannot be cancelled: it is not running.`,
    }),

  /** The code is [mem], the rule [doc]. */
  invalidName: (name: string) =>
    gateway(400, {
      code: 'InvalidDeploymentName',
      message:
        `The deployment name '${name}' is not valid: it has 1 to 64 letters, digits, hyphens, underscores, dots ` +
        'and parentheses.',
      target: 'name',
    }),

  /** [mem] */
  operationNotFound: (id: string) =>
    gateway(404, {
      code: 'DeploymentOperationNotFound',
      message: `The deployment operation '${id}' could not be found.`,
    }),

  /** The result of ARM's preflight check of a template's resources [mem]. */
  invalidDeployment: (failure: ErrorBody) =>
    gateway(400, {
      code: 'InvalidTemplateDeployment',
      message:
        'The template deployment failed because of validation of its resources. Please see details for more information.',
      details: [failure],
    }),
} as const;

/** The failure of a deployment's operation [mem]. */
export const deploymentFailed = (id: string, details: readonly ErrorBody[]): Failure => ({
  kind: 'invalid',
  code: 'DeploymentFailed',
  target: id,
  message:
    'At least one resource deployment operation failed. Please list deployment operations for details. ' +
    'Please see https://aka.ms/arm-deployment-operations for usage details.',
  details,
});

/** The failure of a canceled deployment. */
export const CANCELED: ErrorBody = {
  code: 'DeploymentCanceled',
  message: 'The deployment was canceled.',
};

export const failureOfTemplate = ({ code, message }: TemplateError): ErrorBody => ({
  code,
  message,
});

const NOUNS: Readonly<Record<string, string>> = {
  resources: 'resource',
  parameters: 'parameter',
  variables: 'variable',
  outputs: 'output',
};

/** The refusal of a template in ARM's words, with the place of the fault in `text`, the body as it was sent, where it is known [gh]. */
function refusalOfTemplate({ code, message, place }: TemplateError, text: string): RefusedError {
  const validation = (what: string): string => `Deployment template validation failed: '${what}'.`;
  const at = place && placeInJson(text, ['properties', 'template', ...place]);
  if (place === undefined || at === undefined) {
    return gateway(400, { code, message: validation(message) });
  }
  const [section, member] = place;
  const path = typeof member === 'number' ? `${section}[${member}]` : `${section}.${member}`;
  const info = {
    lineNumber: at.line,
    linePosition: at.column,
    path: shortened(`properties.template.${path}`),
  };
  const what = `The template ${NOUNS[section] ?? section} '${shortened(String(at.name ?? member))}'`;
  return gateway(400, {
    code,
    message: validation(
      `${what} at line '${at.line}' and column '${at.column}' is not valid: ${message}`,
    ),
    more: { additionalInfo: [{ type: 'TemplateViolation', info }] },
  });
}

/** Carries out `work`, and converts its template errors to refusals; `text` is the body as it was sent. */
export async function refusingTemplates<T>(text: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TemplateError) throw refusalOfTemplate(error, text);
    // The stack of the JavaScript engine does not suffice for deeply nested JSON.
    if (error instanceof RangeError) throw errors.malformedContent('the template is too deep');
    throw error;
  }
}
