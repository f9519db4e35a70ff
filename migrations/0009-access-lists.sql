-- For role assignments and custom roles in pages, and for checks that read what a request depends on and nothing else.

drop index role_assignments_by_principal;
drop index role_assignments_by_scope;
create index role_assignments_by_principal on role_assignments (principal_id, key);
create index role_assignments_by_role on role_assignments (role_definition, key);

-- The role's name in lower case, as it compares.
alter table role_definitions add column lookup_name text;
create index role_definitions_by_lookup_name on role_definitions (lookup_name);

-- The scopes at which a custom role can be assigned, in lower case; empty: everywhere.
create table role_definition_scopes (
  role text not null,
  scope text not null,
  primary key (role, scope)
);

create index deployment_operations_by_operation on deployment_operations (operation_id);
