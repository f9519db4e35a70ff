/** Every controller, in the order in which they hear of a change. */
import { KUBELET } from '../kubelet/kubelet.ts';
import { SCHEDULER } from '../scheduler/scheduler.ts';
import type { Controller } from './controller.ts';
import { COMPONENT_CONTROLLER } from '../components/install.ts';
import { CLUSTER_ROLE_AGGREGATION } from './cluster-roles.ts';
import { DEPLOYMENT_CONTROLLER } from './deployments.ts';
import { ENDPOINT_CONTROLLER } from './endpoints.ts';
import { EVENT_EXPIRY } from './events.ts';
import { GARBAGE_COLLECTOR } from './garbage.ts';
import { JOB_ORPHANS } from './job-orphans.ts';
import { JOB_CONTROLLER } from './jobs.ts';
import { LOAD_BALANCER_CONTROLLER } from './load-balancers.ts';
import { LOST_NODE_CONTROLLER } from './lost-nodes.ts';
import { NAMESPACE_CONTROLLER } from './namespaces.ts';
import { NODE_CONTROLLER } from './nodes.ts';
import { QUOTA_CONTROLLER } from './quotas.ts';
import { REPLICA_SET_CONTROLLER } from './replicasets.ts';
import { TTL_AFTER_FINISHED } from './ttl-after-finished.ts';
import { VOLUME_CONTROLLER } from './volumes.ts';

export const CONTROLLERS: readonly Controller[] = [
  NODE_CONTROLLER,
  NAMESPACE_CONTROLLER,
  COMPONENT_CONTROLLER,
  GARBAGE_COLLECTOR,
  DEPLOYMENT_CONTROLLER,
  REPLICA_SET_CONTROLLER,
  JOB_CONTROLLER,
  JOB_ORPHANS,
  TTL_AFTER_FINISHED,
  VOLUME_CONTROLLER,
  SCHEDULER,
  KUBELET,
  LOST_NODE_CONTROLLER,
  ENDPOINT_CONTROLLER,
  LOAD_BALANCER_CONTROLLER,
  QUOTA_CONTROLLER,
  EVENT_EXPIRY,
  CLUSTER_ROLE_AGGREGATION,
];
