/** The routes of what the device's own PowerShell does about its cluster. Mounted by `doors.ts` beside those of `http.ts`. */
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import type {} from '@fastify/swagger';
import type { JsonObject } from '#shared/json.ts';
import type { ClusterControl } from './clusters.ts';
import { readBody, requiredParameter, requiredString } from './requests.ts';
import {
  DEVICE_EXAMPLE,
  type DocumentedRoute,
  documentOf,
  RESOURCE_PARAMETER,
} from './route-documents.ts';

const APPLIANCES = '/_edgetwin/appliances';
const KUBERNETES = `${APPLIANCES}/kubernetes`;

/** A process that another one asks asks nobody else. */
const HANDED = 'x-edgetwin-peer';

/** What a route says of itself; a request about a cluster that another process has is put to that one. */
const docsOf =
  (control: ClusterControl) =>
  (route: DocumentedRoute): RouteShorthandOptions => ({
    schema: documentOf(route),
    preHandler: async (request, reply) => {
      const { resource } = { ...(request.query as object), ...(request.body as object) } as {
        resource?: unknown;
      };
      if (typeof resource !== 'string' || HANDED in request.headers) return;
      const { raw, body } = request;
      const bytes = Buffer.from(body === undefined || body === null ? '' : JSON.stringify(body));
      const asked = { request: raw, response: reply.raw, body: bytes };
      if (await control.isHandedOn(resource, asked)) reply.hijack();
    },
  });

const USER = 'The name of a user.';
const NAMESPACE = 'The name of a namespace.';
const OF_USER = { resource: DEVICE_EXAMPLE, user: 'anna' };
const OF_NAMESPACE = { resource: DEVICE_EXAMPLE, namespace: 'shop' };

/** `https` and the host as the caller used it: certificates of clients travel over TLS alone. */
const originOf = ({ host }: FastifyRequest): string => `https://${host}`;

const sendConfig = (reply: FastifyReply, text: string): FastifyReply =>
  reply
    .header('cache-control', 'no-store')
    .header('content-type', 'application/yaml; charset=utf-8')
    .send(text);

const sendJson = (reply: FastifyReply, status: number, body: JsonObject): FastifyReply =>
  reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(body));

export function mountClusterControl(door: FastifyInstance, control: ClusterControl): void {
  mountUsers(door, control);
  mountAccess(door, control);
  mountNamespaces(door, control);
}

function mountUsers(door: FastifyInstance, control: ClusterControl): void {
  const docs = docsOf(control);
  door.get(
    `${APPLIANCES}/kubeconfig`,
    docs({
      summary:
        "Makes a kubeconfig of a device's cluster, for its administrator or a user (Get-HcsKubernetesUserConfig): ?resource={ARM id}&user={name}.",
      query: { resource: RESOURCE_PARAMETER, user: USER },
      isYaml: true,
    }),
    async (request, reply) => {
      const { user } = request.query as { user?: string };
      const resource = requiredParameter(request.query, 'resource');
      return sendConfig(
        reply,
        await control.kubeconfig(resource, { user, origin: originOf(request) }),
      );
    },
  );
  door.post(
    `${KUBERNETES}/users`,
    docs({
      summary:
        'Creates a user, and answers the kubeconfig (New-HcsKubernetesUser): {resource, user}.',
      example: OF_USER,
      status: 201,
      isYaml: true,
    }),
    async (request, reply) => {
      const body = readBody(request.body, ['resource', 'user']);
      const user = requiredString(body, 'user');
      const resource = requiredString(body, 'resource');
      const text = await control.newUser(resource, { user, origin: originOf(request) });
      return sendConfig(reply.code(201), text);
    },
  );
  door.delete(
    `${KUBERNETES}/users`,
    docs({
      summary: 'Removes a user (Remove-HcsKubernetesUser): ?resource={ARM id}&user={name}.',
      query: { resource: RESOURCE_PARAMETER, user: USER },
    }),
    async ({ query }, reply) => {
      await control.removeUser(
        requiredParameter(query, 'resource'),
        requiredParameter(query, 'user'),
      );
      return sendJson(reply, 200, {});
    },
  );
}

function mountAccess(door: FastifyInstance, control: ClusterControl): void {
  const docs = docsOf(control);
  door.post(
    `${KUBERNETES}/access`,
    docs({
      summary:
        'Makes a user admin of a namespace (Grant-HcsKubernetesNamespaceAccess): {resource, namespace, user}.',
      example: { ...OF_NAMESPACE, user: 'anna' },
    }),
    async (request, reply) => {
      const body = readBody(request.body, ['resource', 'namespace', 'user']);
      const of = {
        namespace: requiredString(body, 'namespace'),
        user: requiredString(body, 'user'),
      };
      await control.grant(requiredString(body, 'resource'), of);
      return sendJson(reply, 200, of);
    },
  );
  door.delete(
    `${KUBERNETES}/access`,
    docs({
      summary:
        'Takes the access to a namespace from a user (Revoke-HcsKubernetesNamespaceAccess): ?resource={ARM id}&namespace={name}&user={name}.',
      query: { resource: RESOURCE_PARAMETER, namespace: NAMESPACE, user: USER },
    }),
    async ({ query }, reply) => {
      await control.revoke(requiredParameter(query, 'resource'), {
        namespace: requiredParameter(query, 'namespace'),
        user: requiredParameter(query, 'user'),
      });
      return sendJson(reply, 200, {});
    },
  );
}

function mountNamespaces(door: FastifyInstance, control: ClusterControl): void {
  const docs = docsOf(control);
  door.get(
    `${KUBERNETES}/namespaces`,
    docs({
      summary: 'Lists the namespaces of users (Get-HcsKubernetesNamespaces): ?resource={ARM id}.',
      query: { resource: RESOURCE_PARAMETER },
    }),
    async ({ query }, reply) =>
      sendJson(reply, 200, {
        namespaces: [...(await control.namespaces(requiredParameter(query, 'resource')))],
      }),
  );
  door.post(
    `${KUBERNETES}/namespaces`,
    docs({
      summary: 'Creates a namespace (New-HcsKubernetesNamespace): {resource, namespace}.',
      example: OF_NAMESPACE,
      status: 201,
    }),
    async (request, reply) => {
      const body = readBody(request.body, ['resource', 'namespace']);
      const namespace = requiredString(body, 'namespace');
      await control.newNamespace(requiredString(body, 'resource'), namespace);
      return sendJson(reply, 201, { namespace });
    },
  );
  door.delete(
    `${KUBERNETES}/namespaces`,
    docs({
      summary:
        'Removes a namespace (Remove-HcsKubernetesNamespace): ?resource={ARM id}&namespace={name}.',
      query: { resource: RESOURCE_PARAMETER, namespace: NAMESPACE },
    }),
    async ({ query }, reply) => {
      await control.removeNamespace(
        requiredParameter(query, 'resource'),
        requiredParameter(query, 'namespace'),
      );
      return sendJson(reply, 200, {});
    },
  );
}
