-- What happens to an operation, a resource or a machine touches no index: PostgreSQL then puts the new version of the row on the page of the
-- old one, and transactions that have read the pages of an index are not in each other's way. So nothing that changes is indexed, and
-- pages keep room. (What stands below behind `$postgresql` is carried out there alone: store/dialect.ts.)

drop index operations_running;
drop index operations_by_expiry;
-- What has expired began before what has not expired could begin.
create index operations_by_start on operations (started_at);

-- $postgresql: alter table operations set (fillfactor = 40);
-- $postgresql: alter table resources set (fillfactor = 60);
-- $postgresql: alter table appliances set (fillfactor = 40);
