-- When a row about something that has ended is looked at to be removed: seven days after its end, and again later where it is
-- still needed then.

alter table operations add column expires_at bigint;
update operations set expires_at = ended_at + 604800000 where ended_at is not null;
drop index operations_by_end;
create index operations_by_expiry on operations (expires_at) where expires_at is not null;

alter table appliance_tasks add column expires_at bigint;
update appliance_tasks set expires_at = ended_at + 604800000;
drop index appliance_tasks_by_end;
create index appliance_tasks_by_expiry on appliance_tasks (expires_at);

alter table appliance_jobs add column expires_at bigint;
update appliance_jobs set expires_at = ended_at + 604800000;
drop index appliance_jobs_by_end;
create index appliance_jobs_by_expiry on appliance_jobs (expires_at);
