/** GET of one resource: desired and observed, joined by the type's view, in the shape of the request's version. */
import { type Answer, statusAnswer } from '../polling.ts';
import type { ArmRequest, Provider } from '../provider.ts';
import type { Existing } from '../resource-type.ts';
import { isKindIn, presented, viewedText } from './present.ts';
import { findBuiltIn } from '../built-in.ts';
import { checkNamePatterns, idOf, loadTarget, missing, targetOf } from './target.ts';

/** 200 with the resource, or the 404 that says what is missing. */
export async function getResource<Ports>(
  provider: Provider<Ports>,
  request: ArmRequest<Ports>,
): Promise<Answer> {
  const { type } = request;
  const id = idOf(request);
  if (type.find === undefined) {
    return { status: 200, text: await viewedText(request, await shownTarget(request, provider)) };
  }
  checkNamePatterns(provider, id);
  const target = await loadTarget(provider, id);
  const isPoll = type.isPollTarget === true;
  // A status outlives what it is about: the client that deletes a device asks for it to the end [rpc, rec 11].
  const isThere = isPoll || target.root?.isVisible === true;
  const found = isThere ? await type.find(target) : undefined;
  if (found === undefined) throw await missing(provider, type, id);
  const body = presented(type, found, request.version);
  return isPoll ? statusAnswer(body, provider.clock) : { status: 200, body };
}

/** What is stored and visible, or built in, of a kind that the request's version knows; or a throw. */
async function shownTarget<Ports>(
  request: ArmRequest<Ports>,
  provider: Provider<Ports>,
): Promise<Existing<Ports>> {
  const { type, version } = request;
  const id = idOf(request);
  const { resource: stored, root } = await loadTarget(provider, id);
  const resource = stored ?? (await findBuiltIn(provider, id));
  if (resource?.isVisible !== true || !isKindIn(type, resource.body, version)) {
    throw await missing(provider, type, id);
  }
  return targetOf(provider, resource, root);
}
