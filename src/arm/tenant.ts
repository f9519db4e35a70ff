/** The tenant that subscriptions, tokens and template expressions name. */
import { guid } from '#shared/random.ts';

/** The tenant of the world: one, drawn from its seed. */
export const tenantOf = (seed: string): string => guid(seed, 'tenant');
