/** The tables as `migrations/` makes them, for Kysely. One writer each: the file of the same name in this folder. */
import type { Generated } from 'kysely';

export interface Tables {
  world: { name: string; value: string };
  clock: {
    id: number;
    wall_anchor_ms: number;
    simulated_anchor_ms: number;
    rate: number;
    frozen: number;
    version: Generated<number>;
  };
  subscriptions: { id: string; created_at: number; state: Generated<string> };
  locks: {
    key: string;
    id: string;
    name: string;
    scope: string;
    subscription_id: string;
    level: string;
    notes: string | null;
  };
  diagnostic_settings: { key: string; id: string; name: string; properties: string };
  registrations: {
    key: string;
    subscription_id: string;
    namespace: string;
    registered_at: number;
  };
  resource_groups: {
    key: string;
    subscription_id: string;
    name: string;
    location: string;
    tags: string;
    managed_by: string | null;
    operation_id: string | null;
    created_at: number;
  };
  resources: ResourcesTable;
  resource_tags: { resource: string; name: string; value: string };
  deployments: {
    key: string;
    id: string;
    name: string;
    scope: string;
    location: string | null;
    tags: string;
    mode: string;
    request: string;
    operation_id: string;
    canceled_at: number | null;
    parent: string | null;
  };
  deployment_operations: {
    deployment: string;
    position: number;
    target: string;
    status: string;
    operation_id: string | null;
    failure: string | null;
    creates: number;
    started_at: number;
    ended_at: number | null;
  };
  operations: OperationsTable;
  timers: {
    id: string;
    kind: string;
    target: string;
    due_at: number;
    sequence: Generated<number>;
    attempts: number;
    is_background: Generated<number>;
  };
  leases: {
    name: string;
    holder: string;
    fence: number;
    renewals: number;
  };
  journal: {
    sequence: Generated<number>;
    at: number;
    subscription_id: string;
    resource_key: string;
    resource_id: string;
    kind: string;
    data: string;
    cause: string;
  };
  waits: { awaited: string; timer: string };
  appliance_jobs: {
    appliance: string;
    name: string;
    ended_at: number;
    job: string;
    expires_at: number | null;
  };
  appliance_tasks: {
    id: string;
    appliance: string;
    ended_at: number;
    failure: string | null;
    expires_at: number | null;
  };
  faults: { id: string; appliance: string };
  appliances: { id: string; resource_id: string; state: string; version: number };
  kubernetes_clusters: {
    id: string;
    life: string;
    revision: number;
    played_to: number;
    owner_number: number;
    owner: string | null;
    owner_address: string | null;
  };
  kubernetes_objects: {
    cluster: string;
    resource: string;
    namespace: string;
    name: string;
    revision: number;
    body: string;
    simulation: string | null;
  };
  secrets: { name: string; sealed: string };
  role_assignments: {
    key: string;
    id: string;
    name: string;
    scope: string;
    role_definition: string;
    principal_id: string;
    principal_type: string;
    description: string | null;
    created_at: number;
    created_by: string;
  };
  role_definitions: {
    name: string;
    role_name: string;
    lookup_name: string | null;
    description: string;
    actions: string;
    not_actions: string;
    assignable_scopes: string;
    created_at: number;
    created_by: string;
  };
  role_definition_scopes: { role: string; scope: string };
}

export interface ResourcesTable {
  key: string;
  id: string;
  type: string;
  name: string;
  parent: string | null;
  subscription_id: string;
  resource_group: string;
  body: string;
  origin: string | null;
  incarnation: string;
  revision: number;
  visible: number;
  operation_id: string | null;
  created_at: number;
  changed_at: number;
  system_data: string | null;
  location: string | null;
  sku: string | null;
}

export interface OperationsTable {
  begun: number;
  id: string;
  resource_key: string;
  resource_id: string;
  type: string;
  verb: string;
  creates: number;
  input: string;
  style: string;
  poll_path: string;
  output: string | null;
  status: string;
  step: number;
  attempts: number;
  failure: string | null;
  correlation_id: string;
  started_at: number;
  ended_at: number | null;
  expires_at: number | null;
}
