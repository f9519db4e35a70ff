-- Locks and provider registrations, as the platform keeps them around resources. Keys are ids in lower case.

create table locks (
  key text primary key,
  id text not null,
  name text not null,
  scope text not null,
  subscription_id text not null,
  level text not null,
  notes text
);

create index locks_by_subscription on locks (subscription_id, scope);

create table registrations (
  key text primary key,
  subscription_id text not null,
  namespace text not null,
  registered_at bigint not null
);

-- What the subscription's life cycle has come to (arm-protocol §7); empty: registered and well.
alter table subscriptions add column state text not null default 'Registered';
