-- For several processes that write: numbers that the database draws itself in place of counters that every transaction
-- locked, a clock whose changes have an order, and operations that wait to be woken. `$identity` stands for a
-- numbered key that the database draws, in the words of each engine.

create table journal_entries (
  sequence $identity,
  at bigint not null,
  subscription_id text not null,
  resource_key text not null,
  resource_id text not null,
  kind text not null,
  data text not null,
  cause text not null
);

insert into journal_entries (sequence, at, subscription_id, resource_key, resource_id, kind, data, cause)
  select sequence, at, subscription_id, resource_key, resource_id, kind, data, cause from journal order by sequence;

drop table journal;

alter table journal_entries rename to journal;

create index journal_by_subscription on journal (subscription_id, sequence);
create index journal_by_resource on journal (resource_key, sequence);

create table timers_by_sequence (
  sequence $identity,
  id text not null,
  kind text not null,
  target text not null,
  due_at bigint not null,
  attempts integer not null
);

insert into timers_by_sequence (sequence, id, kind, target, due_at, attempts)
  select sequence, id, kind, target, due_at, attempts from timers order by sequence;

drop table timers;

alter table timers_by_sequence rename to timers;

create unique index timers_by_id on timers (id);
create index timers_by_due on timers (due_at, sequence);

drop table counters;

alter table clock add column version integer not null default 1;

-- The commands that a machine has carried out, by their ids, and why those failed that did. Running ones are in its state.
create table appliance_tasks (
  appliance text not null,
  id text not null,
  ended_at bigint not null,
  failure text,
  primary key (appliance, id)
);

-- The jobs of machines that have ended, as they are seen from then on: JSON.
create table appliance_jobs (
  appliance text not null,
  name text not null,
  ended_at bigint not null,
  job text not null,
  primary key (appliance, name)
);

-- Timers that are due as soon as something has ended: a command of a machine, another operation.
create table waits (
  awaited text not null,
  timer text not null,
  primary key (awaited, timer)
);

create index waits_by_timer on waits (timer);

create index operations_by_end on operations (ended_at) where ended_at is not null;

-- Lists of a group and of a subscription hold what ARM tracks, which has no parent; most resources have one, and made no list.
drop index resources_by_group;
drop index resources_by_subscription;
drop index resources_by_origin;
create index resources_by_group on resources (resource_group, type, key) where parent is null;
create index resources_by_subscription on resources (subscription_id, type, key) where parent is null;
create index resources_by_origin on resources (origin, type) where origin is not null;
