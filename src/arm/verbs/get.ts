/** GET of one resource, in the shape of the request's version: what is stored, joined with what is observed, or that alone. */
import { findBuiltIn } from '../built-in.ts';
import { type Answer, statusAnswer } from '../polling.ts';
import { type ArmRequest, isStoredRequest, type Provider } from '../provider.ts';
import type { Existing, ObservedType, StoredType, Target } from '../resource-type.ts';
import { isKindIn, project, renderJson } from './present.ts';
import { checkNamePatterns, idOf, loadTarget, missing, targetOf } from './target.ts';

/** 200 with the resource, or the 404 that says what is missing. */
export async function getResource(provider: Provider, request: ArmRequest): Promise<Answer> {
  if (isStoredRequest(request)) {
    return { status: 200, text: await renderJson(request, await shownTarget(request, provider)) };
  }
  const { type } = request;
  const id = idOf(request);
  checkNamePatterns(provider, id);
  const target = await loadTarget(provider, id);
  const found = type.category === 'observed' ? await observed(type, target) : undefined;
  if (found === undefined) throw await missing(provider, type, id);
  const body = project(type, found, request.version);
  return type.isPollTarget === true ? statusAnswer(body, provider.clock) : { status: 200, body };
}

async function observed(type: ObservedType, target: Target) {
  const device = target.root;
  return device?.isVisible === true
    ? await type.find?.({ ...target, device })
    : await type.findWithoutDevice?.(target);
}

/** What is stored and visible, or built in, of a kind that the request's version knows; or a throw. */
async function shownTarget(request: ArmRequest<StoredType>, provider: Provider): Promise<Existing> {
  const { type, version } = request;
  const id = idOf(request);
  const { resource: stored, root } = await loadTarget(provider, id);
  const resource = stored ?? (await findBuiltIn(provider, id));
  if (resource?.isVisible !== true || !isKindIn(type, resource.body, version)) {
    throw await missing(provider, type, id);
  }
  return targetOf(provider, resource, root);
}
