/**
 * Refusals of the Kubernetes API: a `Status` with the code, reason, message and details of the real server. Thrown by whatever
 * a request passes through, and turned into an answer by the door.
 * Sources: apimachinery pkg/api/errors; recorded texts (kubernetes-api.md 1.4, kubernetes-facts.md 2.1, 7).
 */

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** A `Status` object as clients get it. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly continue?: string };
  readonly status: 'Failure' | 'Success';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

/** What a message names: `deployments.apps`. */
export interface ResourceName {
  readonly group: string;
  readonly resource: string;
}

export class StatusError extends Error {
  readonly status: Status;

  constructor(code: number, reason: string, rest: Pick<Status, 'message' | 'details'>) {
    super(rest.message);
    this.name = 'StatusError';
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      ...rest,
      reason,
      code,
    };
  }

  get code(): number {
    return this.status.code ?? 500;
  }
}

export const qualified = ({ group, resource }: ResourceName): string =>
  group === '' ? resource : `${resource}.${group}`;

const detailsOf = (of: ResourceName, name: string): StatusDetails => ({
  ...(name === '' ? {} : { name }),
  ...(of.group === '' ? {} : { group: of.group }),
  kind: of.resource,
});

export const badRequest = (message: string): StatusError =>
  new StatusError(400, 'BadRequest', { message });

export const notFound = (of: ResourceName, name: string): StatusError =>
  new StatusError(404, 'NotFound', {
    message: `${qualified(of)} "${name}" not found`,
    details: detailsOf(of, name),
  });

export const unknownResource = (): StatusError =>
  new StatusError(404, 'NotFound', {
    message: 'the server could not find the requested resource',
    details: {},
  });

export const alreadyExists = (of: ResourceName, name: string, prefix = ''): StatusError =>
  new StatusError(409, 'AlreadyExists', {
    message: `${prefix}${qualified(of)} "${name}" already exists`,
    details: detailsOf(of, name),
  });

export const conflict = (of: ResourceName, name: string, why: string): StatusError =>
  new StatusError(409, 'Conflict', {
    message: `Operation cannot be fulfilled on ${qualified(of)} "${name}": ${why}`,
    details: detailsOf(of, name),
  });

export const stale = (of: ResourceName, name: string): StatusError =>
  conflict(
    of,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );

export const forbidden = (
  of: ResourceName,
  name: string,
  { why, causes }: { readonly why: string; readonly causes?: readonly StatusCause[] },
): StatusError =>
  new StatusError(403, 'Forbidden', {
    message:
      name === ''
        ? `${qualified(of)} is forbidden: ${why}`
        : `${qualified(of)} "${name}" is forbidden: ${why}`,
    details: { ...detailsOf(of, name), ...(causes === undefined ? {} : { causes }) },
  });

export const methodNotAllowed = (): StatusError =>
  new StatusError(405, 'MethodNotAllowed', {
    message: 'the server does not allow this method on the requested resource',
    details: {},
  });

export const unauthorized = (): StatusError =>
  new StatusError(401, 'Unauthorized', { message: 'Unauthorized' });

export const unprocessable = (): StatusError =>
  new StatusError(422, 'Invalid', {
    message: 'the server rejected our request due to an error in our request',
    details: {},
  });

export const expired = (message: string): StatusError =>
  new StatusError(410, 'Expired', { message });

export const tooLargeRevision = (asked: string, current: number): StatusError =>
  new StatusError(504, 'Timeout', {
    message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });

// --- field errors

export type FieldErrorType =
  | 'Required value'
  | 'Invalid value'
  | 'Unsupported value'
  | 'Duplicate value'
  | 'Not found'
  | 'Forbidden'
  | 'Too long'
  | 'Too many';

const CAUSE_REASONS: Readonly<Record<FieldErrorType, string>> = {
  'Required value': 'FieldValueRequired',
  'Invalid value': 'FieldValueInvalid',
  'Unsupported value': 'FieldValueNotSupported',
  'Duplicate value': 'FieldValueDuplicate',
  'Not found': 'FieldValueNotFound',
  Forbidden: 'FieldValueForbidden',
  'Too long': 'FieldValueTooLong',
  'Too many': 'FieldValueTooMany',
};

export interface FieldError {
  readonly field: string;
  readonly type: FieldErrorType;
  /** As Go prints it; absent where the type shows none. */
  readonly shown?: string;
  readonly detail: string;
}

/** A value as messages show it: a string in quotes, everything else as it is. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return '"null"';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value))
    return `[]string{${value.map((item) => JSON.stringify(item)).join(', ')}}`;
  const members = Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${JSON.stringify(item)}`);
  return `map[string]string{${members.join(', ')}}`;
}

export const required = (field: string, detail = ''): FieldError => ({
  field,
  type: 'Required value',
  detail,
});
export const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  field,
  type: 'Invalid value',
  shown: shown(value),
  detail,
});
export const forbiddenField = (field: string, detail: string): FieldError => ({
  field,
  type: 'Forbidden',
  detail,
});
export const duplicate = (field: string, value: unknown): FieldError => ({
  field,
  type: 'Duplicate value',
  shown: shown(value),
  detail: '',
});
export const unsupported = (
  field: string,
  value: unknown,
  supported: readonly string[],
): FieldError => ({
  field,
  type: 'Unsupported value',
  shown: shown(value),
  detail: `supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`,
});

const textOf = ({ type, shown: value, detail }: FieldError): string =>
  `${type}${value === undefined ? '' : `: ${value}`}${detail === '' ? '' : `: ${detail}`}`;

/** The refusal of an object for all that is wrong with it. */
export function invalidObject(
  of: { readonly group: string; readonly kind: string },
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const messages = [...new Set(errors.map((error) => `${error.field}: ${textOf(error)}`))];
  const all = messages.length === 1 ? messages.join('') : `[${messages.join(', ')}]`;
  const kind = of.group === '' ? of.kind : `${of.kind}.${of.group}`;
  return new StatusError(422, 'Invalid', {
    message: `${kind} "${name}" is invalid: ${all}`,
    details: {
      ...(name === '' ? {} : { name }),
      ...(of.group === '' ? {} : { group: of.group }),
      kind: of.kind,
      causes: errors.map((error) => ({
        reason: CAUSE_REASONS[error.type],
        message: textOf(error),
        field: error.field,
      })),
    },
  });
}
