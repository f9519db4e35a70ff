/** GET of one resource: desired and observed, joined by the type's view, in the shape of the request's version. */
import type { Answer } from '../polling.ts';
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
  const found = target.root?.isVisible === true ? await type.find(target) : undefined;
  if (found === undefined) throw await missing(provider, type, id);
  return { status: 200, body: presented(type, found, request.version) };
}
