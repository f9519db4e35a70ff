/** Every controller, in the order in which they hear of a change. */
import type { Controller } from './controller.ts';
import { EVENT_EXPIRY } from './events.ts';
import { NAMESPACE_CONTROLLER } from './namespaces.ts';
import { NODE_CONTROLLER } from './nodes.ts';

export const CONTROLLERS: readonly Controller[] = [
  NODE_CONTROLLER,
  NAMESPACE_CONTROLLER,
  EVENT_EXPIRY,
];
