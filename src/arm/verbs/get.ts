/** GET of one resource: desired and observed, joined by the type's view, in the shape of the request's version. */
import { type Answer, statusAnswer } from '../polling.ts';
import type { ArmRequest, Provider } from '../provider.ts';
import { presented, viewed } from './present.ts';
import { existingTarget, idOf, loadTarget, missing } from './target.ts';

/** 200 with the resource, or the 404 that says what is missing. */
export async function getResource<Ports>(
  provider: Provider<Ports>,
  request: ArmRequest<Ports>,
): Promise<Answer> {
  const { type } = request;
  const id = idOf(request);
  if (type.find === undefined) {
    const target = await existingTarget(provider, type, id);
    return { status: 200, body: await viewed(request, target) };
  }
  const target = await loadTarget(provider, id);
  const isPoll = type.isPollTarget === true;
  // A status outlives what it is about: the client that deletes a device asks for it to the end [rpc, rec 11].
  const isThere = isPoll || target.root?.isVisible === true;
  const found = isThere ? await type.find(target) : undefined;
  if (found === undefined) throw await missing(provider, type, id);
  const body = presented(type, found, request.version);
  return isPoll ? statusAnswer(body, provider.clock) : { status: 200, body };
}
