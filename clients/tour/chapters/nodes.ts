/** The nodes of the cluster as kubectl shows them, and how objects of Kubernetes are read. Used by the chapters that look into it. */
import { isJsonObject, type JsonObject } from '#shared/json.ts';
import { textOf, UnexpectedAnswer } from '../arm-client.ts';
import type { Guide } from '../guide.ts';
import { KubeClient } from '../kube-client.ts';

export const memberOf = (object: JsonObject, name: string): JsonObject => {
  const value = object[name];
  return isJsonObject(value) ? value : {};
};
export const nameOf = (object: JsonObject): string => textOf(memberOf(object, 'metadata').name);
export const itemsOf = ({ items }: JsonObject): JsonObject[] =>
  Array.isArray(items) ? items.filter(isJsonObject) : [];

/** A client of the device's cluster, with the kubeconfig that the service hands out. The caller closes it. */
export async function kubeClientOf(guide: Guide, device: string): Promise<KubeClient> {
  return new KubeClient(
    await guide.client.text(`/_edgetwin/appliances/kubeconfig?resource=${device}`),
  );
}

/** Asks for the nodes; each with its name, its state and its version. */
export async function nodesSeenBy(guide: Guide, kube: KubeClient): Promise<[string, string][]> {
  const path = '/api/v1/nodes';
  const reply = await kube.call('GET', path);
  guide.screen.call('GET', path, reply.status);
  if (reply.status >= 300) throw new UnexpectedAnswer(reply);
  return itemsOf(reply.body).map((node) => [
    nameOf(node),
    `${isReady(node) ? 'Ready' : 'NotReady'}, ${textOf(memberOf(memberOf(node, 'status'), 'nodeInfo').kubeletVersion)}`,
  ]);
}

function isReady(node: JsonObject): boolean {
  const { conditions } = memberOf(node, 'status');
  return (Array.isArray(conditions) ? conditions : []).some(
    (one) => isJsonObject(one) && one.type === 'Ready' && one.status === 'True',
  );
}
