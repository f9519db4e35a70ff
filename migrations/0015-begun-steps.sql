-- How often a step has begun since it last came to an end of any kind: more than once only if the process went down with it.
alter table operations add column begun integer not null default 0;
