-- Leases: what one process at a time does for all that share the database, such as turning due timers into jobs.
create table leases (
  name text not null primary key,
  -- The process that holds it; empty where it was given back.
  holder text not null,
  -- Grows each time that the lease passes to another process.
  fence bigint not null,
  -- Grows each time that its holder renews it.
  renewals bigint not null
);

-- Whether a person waits for what the timer does, or nobody does.
alter table timers add column is_background integer not null default 0;
