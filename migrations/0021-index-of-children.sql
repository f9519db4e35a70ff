-- The index of children leaves out what has no parent: SQLite took "parent is null" for a condition that this index answers with a few
-- rows, and read and sorted every resource at the top for each page of a generic list.
drop index resources_by_parent;
create index resources_by_parent on resources (parent, type, key) where parent is not null;
