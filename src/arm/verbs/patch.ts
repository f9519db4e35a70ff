/** PATCH: changes what was sent and nothing else; tags are replaced whole (arm-protocol §3). Never creates. */
import { isJsonObject, type JsonObject, objectIn } from '#shared/json.ts';
import { mergePatch } from '#shared/merge-patch.ts';
import { present } from '#shared/assert.ts';
import { checkBody } from '../body-check.ts';
import { errors } from '../errors.ts';
import { checkConditions } from '../etag.ts';
import { tagFaults } from '../names.ts';
import type { Answer } from '../polling.ts';
import type { ArmRequest, Provider } from '../provider.ts';
import type { StoredType } from '../resource-type.ts';
import { nodeOf } from '../schema.ts';
import { checkIdle, writeNow } from './accept.ts';
import { projectFor } from './present.ts';
import { existingTarget, idOf, targetOf } from './target.ts';

/** 200 with the resource. */
export async function patchResource(
  provider: Provider,
  request: ArmRequest<StoredType>,
): Promise<Answer> {
  const { type } = request;
  const patch = present(type.operations.patch, 'the patch operation of a patched type');
  const target = await existingTarget(provider, type, idOf(request));
  checkIdle(target.resource);
  checkConditions(request.conditions, target.resource);
  if (!isJsonObject(request.body)) {
    throw errors.malformedContent('The request body must be a JSON object.');
  }
  const checked = checkBody(nodeOf(patch.body), request.version, request.body);
  if ('faults' in checked) throw errors.invalidContent(checked.faults);
  const body = merged(target.resource, checked.body);
  const faults = [
    ...tagFaults(objectIn(body, 'tags') as Record<string, string>),
    ...((await type.check?.(target, body)) ?? []),
  ];
  if (faults.length > 0) throw errors.invalidContent(faults);
  const row = await writeNow(provider, request, { resource: target.resource, body });
  const written = targetOf(provider, row, target.root);
  const view = await (type.viewAfterWrite ?? type.view)(written);
  return { status: 200, body: projectFor(request, row, view) };
}

/** RFC 7396 with `tags` replaced whole (arm-protocol §3). */
function merged(resource: { readonly body: JsonObject }, patch: JsonObject): JsonObject {
  const { tags, ...rest } = patch;
  const body = mergePatch(resource.body, rest) as JsonObject;
  return tags === undefined ? body : { ...body, tags };
}
