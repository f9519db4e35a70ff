/** Signing in, for tests of a service that requires it: clients of each role, their tokens, and clients that carry them. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import supertest, { type Response } from 'supertest';
import { ArmClient } from './arm-client.ts';
import { startService } from './service.ts';

type RequiringService = Awaited<ReturnType<typeof startService>>;

/** `clientId:secret:Role` of each; the secret is the id with `-secret` behind it, and holds a colon. */
const NAMES = ['admin', 'owner', 'contributor', 'reader', 'nobody'] as const;
export type ClientName = (typeof NAMES)[number];
const ROLES = {
  admin: 'EmulatorAdmin',
  owner: 'Owner',
  contributor: 'Contributor',
  reader: 'Reader',
  nobody: 'None',
} as const;

export const secretOf = (name: string): string => `${name}:secret`;

/** Sign-in is required, and these may. */
export const REQUIRED: Readonly<Record<string, string>> = {
  EDGETWIN_AUTH: 'required',
  EDGETWIN_CLIENTS: NAMES.map((name) => `${name}:${secretOf(name)}:${ROLES[name]}`).join(','),
};

export const ARM_SCOPE = 'https://management.azure.com/.default';

/** A form to a token endpoint. */
export async function post(
  arm: RequiringService,
  path: string,
  form: Readonly<Record<string, string>>,
): Promise<Response> {
  return await supertest(arm.service.door.server).post(path).type('form').send(form);
}

/** An access token by client credentials. */
export async function tokenOf(
  arm: RequiringService,
  name: string,
  scope = ARM_SCOPE,
): Promise<string> {
  const answer = await post(arm, '/common/oauth2/v2.0/token', {
    grant_type: 'client_credentials',
    client_id: name,
    client_secret: secretOf(name),
    scope,
  });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return (answer.body as { access_token: string }).access_token;
}

/** A client that sends this token with every call. */
export function withToken(arm: RequiringService, token: string): ArmClient {
  const agent = supertest.agent(arm.service.door.server).set('authorization', `Bearer ${token}`);
  return new ArmClient(agent, arm.advance);
}

/** A service that requires sign-in, with a client for each role; `anonymous` sends no token. */
export async function startRequiring(
  test: Pick<TestContext, 'after'>,
  environment: Readonly<Record<string, string>> = {},
): Promise<Record<ClientName, ArmClient> & { readonly anonymous: RequiringService }> {
  const anonymous = await startService(test, { ...REQUIRED, ...environment });
  const entries = NAMES.map(
    async (name) => [name, withToken(anonymous, await tokenOf(anonymous, name))] as const,
  );
  const clients = Object.fromEntries(await Promise.all(entries)) as Record<ClientName, ArmClient>;
  return { ...clients, anonymous };
}

/** What a token says, unchecked. */
export function claimsIn(token: string): Record<string, unknown> {
  const [, payload = ''] = token.split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>;
}
