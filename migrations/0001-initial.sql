-- One statement after another, valid for SQLite and PostgreSQL alike. Instants are milliseconds since 1970 (simulated
-- unless the name says wall), JSON is kept as text, names and ids compare in lower case through the `key` columns.

create table world (
  name text primary key,
  value text not null
);

create table counters (
  name text primary key,
  value bigint not null
);

create table clock (
  id integer primary key,
  wall_anchor_ms bigint not null,
  simulated_anchor_ms bigint not null,
  rate double precision not null,
  frozen integer not null
);

create table subscriptions (
  id text primary key,
  created_at bigint not null
);

create table resource_groups (
  key text primary key,
  subscription_id text not null,
  name text not null,
  location text not null,
  tags text not null,
  managed_by text,
  operation_id text,
  created_at bigint not null
);

create index resource_groups_by_subscription on resource_groups (subscription_id, key);

create table resources (
  key text primary key,
  id text not null,
  type text not null,
  name text not null,
  parent text,
  subscription_id text not null,
  resource_group text not null,
  body text not null,
  origin text,
  incarnation text not null,
  revision integer not null,
  visible integer not null,
  operation_id text,
  created_at bigint not null,
  changed_at bigint not null
);

create index resources_by_parent on resources (parent, type, key);
create index resources_by_group on resources (resource_group, type, key);
create index resources_by_subscription on resources (subscription_id, type, key);
create index resources_by_origin on resources (origin, type);

create table operations (
  id text primary key,
  resource_key text not null,
  resource_id text not null,
  type text not null,
  verb text not null,
  creates integer not null,
  input text not null,
  style text not null,
  poll_path text not null,
  output text,
  status text not null,
  step integer not null,
  attempts integer not null,
  failure text,
  correlation_id text not null,
  started_at bigint not null,
  ended_at bigint
);

create index operations_by_resource on operations (resource_key, started_at);

create table timers (
  id text primary key,
  kind text not null,
  target text not null,
  due_at bigint not null,
  sequence bigint not null,
  attempts integer not null
);

create index timers_by_due on timers (due_at, sequence);

create table journal (
  sequence bigint primary key,
  at bigint not null,
  subscription_id text not null,
  resource_key text not null,
  resource_id text not null,
  kind text not null,
  data text not null,
  cause text not null
);

create index journal_by_subscription on journal (subscription_id, sequence);
create index journal_by_resource on journal (resource_key, sequence);

create table appliances (
  id text primary key,
  resource_id text not null,
  state text not null,
  version integer not null
);

create table secrets (
  name text primary key,
  sealed text not null
);
