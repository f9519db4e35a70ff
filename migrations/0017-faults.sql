-- Which machine a fault belongs to, so that one is found by its id alone. The fault itself is in the machine's state; the row goes
-- when it ends.

create table faults (
  id text primary key,
  appliance text not null
);

create index faults_by_appliance on faults (appliance);
