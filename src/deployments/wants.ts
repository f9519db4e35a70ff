/** What parts of a template ask of the world, as far as that is known before the deployment runs. Pure. */
import { isJsonObject, type Json } from '#shared/json.ts';
import type { Scope } from './expressions/scope.ts';
import type { Want } from './expressions/template-error.ts';
import { evaluated } from './loops.ts';
import { bodyOf, known } from './prepare.ts';
import type { PlannedResource } from './resources.ts';

/** One want for each text that has one; an error in any of them is thrown. */
export function wantsIn(value: Json, scope: Scope): Want[] {
  const found = known(() => evaluated(value, scope));
  if ('value' in found) return [];
  if (Array.isArray(value)) return value.flatMap((item) => wantsIn(item, scope));
  // A loop's turns are in scopes of their own.
  if (!isJsonObject(value) || 'copy' in value) return [found.want];
  return Object.values(value).flatMap((member) => wantsIn(member, scope));
}

/** Of the body that a resource is put with. */
export function wantsOfBody(resource: PlannedResource): Want[] {
  if ('value' in known(() => bodyOf(resource))) return [];
  const { dependsOn: _, copy: _loop, resources: _children, ...body } = resource.declaration;
  return wantsIn(body, resource.scope);
}
