/** The routes of roles and role assignments, which `app.ts` passes to the platform's door. */
import type { PlatformRoute } from '#arm/platform-route.ts';
import type { Access } from './access.ts';
import { roleAssignmentRoutes } from './role-assignments.ts';
import { roleDefinitionRoutes, type RoleParts } from './role-definitions.ts';

export const roleRoutes = (parts: RoleParts, access: Access): PlatformRoute[] => [
  ...roleDefinitionRoutes(parts),
  ...roleAssignmentRoutes(parts, access),
];
