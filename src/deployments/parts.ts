/** What the deployments of the service work with: the parts of the provider, and what seals their requests. */
import type { PlatformRoute } from '#arm/platform-route.ts';
import type { Provider } from '#arm/provider.ts';
import type { DeploymentRow } from '#store/deployments.ts';
import type { DeploymentRequest } from './request.ts';

/** Seals texts for the database (the vault). */
export interface Seal {
  seal(plain: string, about: string): string;
  unseal(sealed: string, about: string): string;
}

export interface DeploymentParts {
  readonly provider: Provider;
  readonly vault: Seal;
  /** Routes of the platform's own types that a template may hold: resource groups, locks, tags. */
  readonly platformRoutes: readonly PlatformRoute[];
}

const about = (key: string): string => `deployment ${key}`;

export function sealedRequest(
  { vault }: DeploymentParts,
  key: string,
  request: DeploymentRequest,
): string {
  return vault.seal(JSON.stringify(request), about(key));
}

export function requestOf(
  { vault }: DeploymentParts,
  { key, request }: DeploymentRow,
): DeploymentRequest {
  return JSON.parse(vault.unseal(request, about(key))) as DeploymentRequest;
}
