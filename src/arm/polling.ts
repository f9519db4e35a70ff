/**
 * How a long-running operation looks from outside: the headers of its 202 and the answers of its poll URLs, in the
 * shapes recorded from the real service (arm-protocol §0.2, 9–16), or, with `azure-async`, in the one that every
 * poller can end on (§4.6).
 *
 * | style | 202 | running poll | done |
 * | --- | --- | --- | --- |
 * | location | Location | 202, Location again | put: 202, Location = the resource; delete, action: 204 |
 * | job | Location | 202, Location + Azure-AsyncOperation | 204 + Azure-AsyncOperation |
 * | async | Azure-AsyncOperation, body `{"status":"InProgress"}` | 200 with status, Retry-After | 200 with status |
 * | both | Azure-AsyncOperation + Location | either | either, by its own rule; Location of a put: 200 + resource |
 */
import { formatInstant } from '#shared/instant.ts';
import type { Failure } from '#shared/failure.ts';
import type { Clock } from '#schedule/clock.ts';
import type { JsonObject } from '#shared/json.ts';
import { envelopeOf } from '#shared/envelope.ts';
import type { Era } from './eras.ts';
import { statusOf } from './errors.ts';
import type { OperationRow, PollStyle } from '#store/operations.ts';
import { resourceIdOf, rootIdOf, urlPathOf } from '#shared/arm-id.ts';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  /** The body in place of `body`, where it is written already; who wants to look into either asks `bodyOfAnswer`. */
  readonly text?: string;
}

/** The body of an answer, read again where it was written already. */
export function bodyOfAnswer({ body, text }: Answer): JsonObject | undefined {
  return text === undefined ? body : (JSON.parse(text) as JsonObject);
}

/** What the poll URLs are made from. */
export interface PollBase {
  /** `http://127.0.0.1:8480`, as the client reached us. */
  readonly origin: string;
  /** The api-version to put into the URL. */
  readonly version: string;
  /** Its rate scales the waits. */
  readonly clock: Clock;
  /** Whose waits are sent. */
  readonly era: Era;
}

/** First wait and wait between polls, in simulated seconds [rec 9, 10]; the first one after a PUT is the era's. */
const FIRST_RETRY_S = 30;
const RETRY_S = 10;
/** What az and the Python SDK wait where nothing is said [py]. */
const CLIENT_DEFAULT_S = 30;
/** What the service itself writes into the status URLs it issues [rec 13, 14]. */
const JOB_POLL_VERSION = '2019-07-01';
/** Statuses that end an operation: exactly these [rpc]. */
const ENDED = ['Succeeded', 'Failed', 'Canceled'] as const;

/** Recorded seconds brought to the clock's rate: whole, at least 1; 1 while frozen (a pointless wait otherwise). */
function retryAfter(clock: Clock, recordedSeconds: number): string {
  if (clock.isFrozen) return '1';
  return String(Math.max(1, Math.ceil(recordedSeconds / clock.rate)));
}

/** Where `operationResults` of an operation hangs: below the resource, or below the device for its own actions [rec 9, 13]. */
const resultsUrl = (operation: OperationRow, base: PollBase): string =>
  `${base.origin}${urlPathOf(operation.resourceId)}${operation.pollPath}/operationResults/${operation.id}` +
  `?api-version=${base.version}`;

/** `operationsStatus` exists once, on the device (databoxedge-contract §3). */
function statusUrl(operation: OperationRow, base: PollBase, version: string): string {
  const root = rootIdOf(resourceIdOf(operation.resourceId));
  return `${base.origin}${urlPathOf(root)}/operationsStatus/${operation.id}?api-version=${version}`;
}

/** The style for a new operation: what its type declares, unless the configuration wants `both` everywhere. */
export function styleFor(declared: PollStyle | undefined, isAzureAsync: boolean): PollStyle {
  return isAzureAsync ? 'both' : (declared ?? 'location');
}

/** The 202 that accepts an operation. */
export function acceptedAnswer(operation: OperationRow, base: PollBase): Answer {
  const isPut = operation.verb === 'put' && operation.style === 'location';
  const firstWait = isPut ? base.era.putRetryS : FIRST_RETRY_S;
  const wait = { 'retry-after': retryAfter(base.clock, firstWait) };
  const results = resultsUrl(operation, base);
  switch (operation.style) {
    case 'async':
      return {
        status: 202,
        headers: { 'azure-asyncoperation': results, ...wait },
        body: { status: 'InProgress' },
      };
    case 'both':
      return {
        status: 202,
        headers: {
          'azure-asyncoperation': statusUrl(operation, base, base.version),
          location: results,
          ...wait,
        },
      };
    case 'location':
    case 'job':
      return { status: 202, headers: { location: results, ...wait } };
  }
}

/** What `operationResults/{id}` of a finished operation has to show. */
export interface Finished {
  /** The resource's view, of a put polled in style `both`. */
  readonly resource: JsonObject | undefined;
  /** The output is the body, with the status beside it. */
  readonly isOutputFlat: boolean;
}

/** The answer of `operationResults/{id}`. */
export function resultAnswer(
  operation: OperationRow,
  base: PollBase,
  { resource, isOutputFlat }: Finished,
): Answer {
  const { output } = operation;
  if (operation.style === 'async') {
    const { properties, ...status } = asyncStatus(operation);
    if (properties === undefined || !isOutputFlat) {
      return statusAnswer(asyncStatus(operation), base.clock);
    }
    return statusAnswer({ ...status, ...output }, base.clock);
  }
  if (operation.status === 'Failed') return failedAnswer(operation);
  const job =
    operation.style === 'job'
      ? { 'azure-asyncoperation': statusUrl(operation, base, JOB_POLL_VERSION) }
      : {};
  if (operation.status === 'Running') {
    return {
      status: 202,
      headers: {
        location: resultsUrl(operation, base),
        'retry-after': retryAfter(base.clock, RETRY_S),
        ...job,
      },
    };
  }
  if (operation.verb !== 'put' && output !== undefined) {
    const { status } = operation;
    return { status: 200, body: isOutputFlat ? { status, ...output } : { properties: output } };
  }
  if (operation.verb !== 'put') return { status: 204, headers: job };
  if (operation.style === 'both' && resource !== undefined) {
    return { status: 200, body: resource };
  }
  // Recorded so: the end of a put is a 202 that points at the resource, without Retry-After [rec 10]. Az and the Python SDK take that for
  // their own 30 seconds, which follow no clock: at another rate than 1 they are told what these are worth [ours].
  const url = `${base.origin}${urlPathOf(operation.resourceId)}?api-version=${base.version}`;
  const { clock } = base;
  const isRealTime = clock.rate === 1 && !clock.isFrozen;
  const wait = isRealTime ? {} : { 'retry-after': retryAfter(clock, CLIENT_DEFAULT_S) };
  return { status: 202, headers: { location: url, ...wait } };
}

/**
 * The answer of a status URL: always 200 [rpc]. While the status is not the last one it says when to look again, which no
 * recording shows for these: without it Python and Go look again after 30 wall seconds (arm-protocol §9, 3) [ours].
 */
export function statusAnswer(body: JsonObject, clock: Clock): Answer {
  const hasEnded = ENDED.some((status) => status === body.status);
  const headers = hasEnded ? {} : { 'retry-after': retryAfter(clock, RETRY_S) };
  return { status: 200, headers, body };
}

/** A failed operation by its Location: the error that the synchronous call would have given [rpc]. */
function failedAnswer(operation: OperationRow): Answer {
  const failure: Failure = operation.failure ?? {
    kind: 'internal',
    code: 'InternalServerError',
    message: 'The operation failed.',
  };
  return { status: statusOf(failure), body: envelopeOf(failure) };
}

/** The body of an Azure-AsyncOperation URL, ended exactly by Succeeded or Failed [rpc]. */
function asyncStatus(operation: OperationRow): JsonObject {
  const status = operation.status === 'Running' ? 'InProgress' : operation.status;
  const properties = operation.output === undefined ? {} : { properties: operation.output };
  return { status, ...properties, ...errorOf(operation) };
}

/** The body of `operationsStatus/{id}` for an operation that is no job of the machine's. */
export function operationStatus(operation: OperationRow): JsonObject {
  const root = rootIdOf(resourceIdOf(operation.resourceId));
  return {
    id: `${root}/operationsStatus/${operation.id}`,
    name: operation.id,
    status: operation.status,
    startTime: formatInstant(operation.startedAt),
    ...(operation.endedAt === undefined ? {} : { endTime: formatInstant(operation.endedAt) }),
    percentComplete: operation.status === 'Running' ? 0 : 100,
    ...(operation.output === undefined ? {} : { properties: operation.output }),
    ...errorOf(operation),
  };
}

function errorOf(operation: OperationRow): JsonObject {
  if (operation.failure === undefined) return {};
  const { code, message } = operation.failure;
  return { error: { code, message } };
}
