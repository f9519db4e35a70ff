/** The parts that deployments need: the provider, the vault that seals their requests, and the platform's routes. */
import type { PlatformRoute } from '#arm/platform-route.ts';
import type { Provider } from '#arm/provider.ts';
import type { DeploymentRow } from '#store/deployments.ts';
import type { DeploymentRequest } from './request.ts';

/** Seals texts for the database; implemented by the vault. */
export interface Seal {
  seal(plain: string, binding: string): string;
  unseal(sealed: string, binding: string): string;
}

export interface DeploymentParts {
  readonly provider: Provider;
  readonly vault: Seal;
  /** Routes of the platform's own types that templates may contain: resource groups, locks, tags. */
  readonly platformRoutes: readonly PlatformRoute[];
}

const bindingOf = (key: string): string => `deployment ${key}`;

/** The request of a deployment, sealed to be stored under `key`. */
export function sealedRequest(
  { vault }: DeploymentParts,
  key: string,
  request: DeploymentRequest,
): string {
  return vault.seal(JSON.stringify(request), bindingOf(key));
}

/** The request of a stored deployment. */
export function requestOf(
  { vault }: DeploymentParts,
  { key, request }: DeploymentRow,
): DeploymentRequest {
  return JSON.parse(vault.unseal(request, bindingOf(key))) as DeploymentRequest;
}
