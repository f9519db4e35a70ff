-- Template deployments, and what each of them does to each resource. Keys are ids in lower case.

create table deployments (
  key text primary key,
  id text not null,
  name text not null,
  scope text not null,
  location text,
  tags text not null,
  mode text not null,
  request text not null,
  operation_id text not null,
  canceled_at bigint,
  parent text
);

create index deployments_by_scope on deployments (scope, key);

create table deployment_operations (
  deployment text not null,
  position integer not null,
  target text not null,
  status text not null,
  operation_id text,
  failure text,
  creates integer not null,
  started_at bigint not null,
  ended_at bigint,
  primary key (deployment, position)
);
