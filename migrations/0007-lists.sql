-- For lists whose pages cost the same however much there is, for a journal that is read in pages, and for rows that are kept
-- only for a while after what they tell of has ended.

-- Of resources that have them: the location, in lower case and without spaces, and the SKU's name, in lower case.
alter table resources add column location text;
alter table resources add column sku text;

-- Tags of resources and resource groups by the key of either; names and values in lower case, as they are compared.
create table resource_tags (
  resource text not null,
  name text not null,
  value text not null,
  primary key (resource, name)
);

create index resource_tags_by_value on resource_tags (name, value, resource);
create index resource_tags_by_name on resource_tags (name, resource);

-- Resources at the top, which the generic lists show: `key > '/subscriptions/x/'` is a subscription or a group of it.
create index tracked_resources on resources (key) where parent is null;
create index tracked_resources_by_type on resources (type, key) where parent is null;
create index tracked_resources_by_location on resources (location, key) where parent is null;
create index tracked_resources_by_sku on resources (sku, key) where parent is null;
create index tracked_resources_by_name on resources (lower(name), key) where parent is null;

create index journal_by_resource_and_time on journal (resource_key, at);
create index journal_by_subscription_and_kind on journal (subscription_id, kind, sequence);

-- Assignments above a scope, and those at one scope, in the order in which they are listed.
drop index role_assignments_by_scope;
create index role_assignments_by_scope on role_assignments (scope, key);

create index deployments_by_operation on deployments (operation_id);

create index operations_running on operations (resource_key) where ended_at is null;

create index appliance_tasks_by_end on appliance_tasks (ended_at);
create index appliance_jobs_by_end on appliance_jobs (appliance, ended_at);
