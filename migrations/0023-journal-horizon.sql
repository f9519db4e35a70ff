-- Old entries of the journal go where a newer one of the same resource and kind tells what became of it.
create index journal_by_resource_and_kind on journal (resource_key, kind, sequence);
