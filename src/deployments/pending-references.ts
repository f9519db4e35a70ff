/** The references in a template, as far as they are known before the deployment runs. Pure. */
import { isJsonObject, type Json } from '#shared/json.ts';
import type { Scope } from './expressions/scope.ts';
import type { PendingReference } from './expressions/template-error.ts';
import { evaluated } from './loops.ts';
import { bodyOf, resolved } from './prepare.ts';
import type { PlannedResource } from './resources.ts';

/** One reference for each string that has any; errors of evaluation are thrown. */
export function pendingReferencesIn(value: Json, scope: Scope): PendingReference[] {
  const found = resolved(() => evaluated(value, scope));
  if ('value' in found) return [];
  if (Array.isArray(value)) return value.flatMap((item) => pendingReferencesIn(item, scope));
  // Iterations of a loop have scopes of their own, so the reference is that of the whole object.
  if (!isJsonObject(value) || 'copy' in value) return [found.reference];
  return Object.values(value).flatMap((member) => pendingReferencesIn(member, scope));
}

/** The references in the body of a resource. */
export function pendingReferencesOfBody(resource: PlannedResource): PendingReference[] {
  if ('value' in resolved(() => bodyOf(resource))) return [];
  const { dependsOn: _, copy: _loop, resources: _children, ...body } = resource.declaration;
  return pendingReferencesIn(body, resource.scope);
}
