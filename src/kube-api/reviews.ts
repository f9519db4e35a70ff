/**
 * Questions that are asked by creating them: who am I, may I, may somebody; and tokens of service accounts.
 * Sources: registry/authorization, registry/authentication, registry/core/serviceaccount/storage/token.go.
 */
import { allowedBy, type Attempt, rulesFor } from '#kubernetes/access/rbac.ts';
import type { Caller } from '#kubernetes/api/caller.ts';
import { VIRTUAL, type VirtualResource } from '#kubernetes/discovery/subresources.ts';
import { SERVICE_ACCOUNTS } from '#kubernetes/kinds/serviceaccounts.ts';
import { timeOf, uidOf } from '#kubernetes/objects/object.ts';
import { badRequest, invalid, invalidObject, notFound } from '#kubernetes/status.ts';
import type { World } from '#kubernetes/world.ts';
import { instant, wallNow } from '#shared/instant.ts';
import { type JsonObject, objectIn, textIn } from '#shared/json.ts';
import { issueToken, readToken } from '#vault/cluster-tokens.ts';
import type { Answer } from './answers.ts';
import { bodyOf, decodeBody, mediaTypeOf } from './bodies.ts';
import type { Call, KindCall } from './call.ts';

export const reviewOf = (group: string, resource: string): VirtualResource | undefined =>
  VIRTUAL.find((one) => one.group === group && one.resource === resource);

/** Answers a review. */
export async function review(
  call: Call,
  of: VirtualResource,
  namespace: string | undefined,
): Promise<Answer> {
  const expected = { apiVersion: `${of.group}/v1`, kind: of.kind, message: of.message };
  const { object } = decodeBody(await bodyOf(call.request), mediaTypeOf(call.request), {
    expected,
    validation: 'Warn',
  });
  const body = object as unknown as JsonObject;
  return await call.cluster.run(({ world }) => {
    const status = statusOf(world, call, { of, spec: objectIn(body, 'spec'), namespace });
    return { code: 201, text: JSON.stringify({ metadata: {}, spec: {}, ...body, status }) };
  });
}

interface Question {
  readonly of: VirtualResource;
  readonly spec: JsonObject;
  readonly namespace: string | undefined;
}

function statusOf(world: World, call: Call, { of, spec, namespace }: Question): JsonObject {
  const { caller, trust } = call;
  switch (of.kind) {
    case 'SelfSubjectReview':
      return { userInfo: userInfo(caller) };
    case 'TokenReview':
      return tokenStatus(world, trust.tokenKey, textIn(spec, 'token'));
    case 'SelfSubjectAccessReview':
      return accessStatus(world, caller, attemptOf(spec));
    case 'SelfSubjectRulesReview':
      return rulesStatus(world, caller, textIn(spec, 'namespace'));
    default: {
      const attempt = attemptOf(spec);
      const isElsewhere =
        namespace !== undefined && !('path' in attempt) && attempt.namespace !== namespace;
      if (isElsewhere) {
        throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
      }
      const user = textIn(spec, 'user');
      const groups = (spec['groups'] ?? []) as string[];
      if (user === '' && groups.length === 0) {
        throw invalidObject(of, '', [
          invalid('spec.user', '', 'at least one of user or group must be specified'),
        ]);
      }
      return accessStatus(world, { name: user, groups }, attempt);
    }
  }
}

const userInfo = ({ name, uid, groups }: Caller): JsonObject => ({
  username: name,
  ...(uid === undefined ? {} : { uid }),
  groups: [...groups],
});

function attemptOf(spec: JsonObject): Attempt {
  const path = objectIn(spec, 'nonResourceAttributes');
  if (spec['nonResourceAttributes'] !== undefined) {
    return { verb: textIn(path, 'verb'), path: textIn(path, 'path') };
  }
  const of = objectIn(spec, 'resourceAttributes');
  const subresource = textIn(of, 'subresource');
  return {
    verb: textIn(of, 'verb'),
    group: textIn(of, 'group'),
    resource: textIn(of, 'resource'),
    subresource: subresource === '' ? undefined : subresource,
    namespace: textIn(of, 'namespace'),
    name: textIn(of, 'name'),
  };
}

function accessStatus(world: World, caller: Caller, attempt: Attempt): JsonObject {
  const reason = allowedBy(world, caller, attempt);
  if (reason === undefined) return { allowed: false };
  return reason === '' ? { allowed: true } : { allowed: true, reason };
}

function rulesStatus(world: World, caller: Caller, namespace: string): JsonObject {
  const isMaster = caller.groups.includes('system:masters');
  const held = [...rulesFor(world, caller, namespace)].flatMap(({ rules }) => rules);
  const all = { verbs: ['*'] };
  const resourceRules = [
    ...(isMaster ? [{ ...all, apiGroups: ['*'], resources: ['*'] }] : []),
    ...held.filter(({ resources }) => resources !== undefined),
  ];
  const nonResourceRules = [
    ...(isMaster ? [{ ...all, nonResourceURLs: ['*'] }] : []),
    ...held.filter(({ nonResourceURLs }) => nonResourceURLs !== undefined),
  ];
  return { resourceRules, nonResourceRules, incomplete: false } as unknown as JsonObject;
}

function tokenStatus({ store }: World, tokenKey: string, token: string): JsonObject {
  const subject = readToken(tokenKey, token, wallNow());
  const account =
    subject === undefined
      ? undefined
      : store.get(SERVICE_ACCOUNTS, subject.namespace, subject.name);
  if (subject === undefined || account === undefined || uidOf(account.object) !== subject.uid) {
    return {
      user: {},
      error: '[invalid bearer token, service account token is not valid yet or has expired]',
    };
  }
  const { namespace, name, uid } = subject;
  return {
    authenticated: true,
    user: {
      username: `system:serviceaccount:${namespace}:${name}`,
      uid,
      groups: [
        'system:serviceaccounts',
        `system:serviceaccounts:${namespace}`,
        'system:authenticated',
      ],
    },
    audiences: ['https://kubernetes.default.svc.cluster.local'],
  };
}

const MIN_TOKEN_SECONDS = 600;
const DEFAULT_TOKEN_SECONDS = 3600;
const MAX_TOKEN_SECONDS = 2 ** 32;

/** Makes a token of a service account: `kubectl create token`. */
export async function createToken(call: KindCall): Promise<Answer> {
  const { cluster, namespace = '', name, request, trust } = call;
  const expected = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    message: 'authentication.v1.TokenRequest',
  };
  const { object } = decodeBody(await bodyOf(request), mediaTypeOf(request), {
    expected,
    validation: 'Warn',
  });
  const body = object as unknown as JsonObject;
  const spec = objectIn(body, 'spec');
  const asked = spec['expirationSeconds'];
  const seconds = typeof asked === 'number' ? asked : DEFAULT_TOKEN_SECONDS;
  const fault =
    seconds < MIN_TOKEN_SECONDS
      ? 'may not specify a duration less than 10 minutes'
      : seconds > MAX_TOKEN_SECONDS
        ? 'may not specify a duration larger than 2^32 seconds'
        : undefined;
  if (fault !== undefined) {
    throw invalidObject({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, name, [
      invalid('spec.expirationSeconds', seconds, fault),
    ]);
  }
  return await cluster.run(({ world }) => {
    const account = world.store.get(SERVICE_ACCOUNTS, namespace, name);
    if (account === undefined) throw notFound(SERVICE_ACCOUNTS, name);
    const now = wallNow();
    const audiences = (spec['audiences'] ?? []) as string[];
    const token = issueToken(
      trust.tokenKey,
      { namespace, name, uid: uidOf(account.object) },
      { now, seconds, audiences },
    );
    const status = { token, expirationTimestamp: timeOf(instant(now + seconds * 1000)) };
    return {
      code: 201,
      text: JSON.stringify({
        ...body,
        metadata: { name, namespace, creationTimestamp: timeOf(world.now) },
        spec: { audiences: [], ...spec, expirationSeconds: seconds },
        status,
      }),
    };
  });
}
