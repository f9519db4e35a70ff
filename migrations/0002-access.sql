-- Who may do what: role assignments by their id in lower case, and the roles that users define beside the built-in ones.

create table role_assignments (
  key text primary key,
  id text not null,
  name text not null,
  scope text not null,
  role_definition text not null,
  principal_id text not null,
  principal_type text not null,
  description text,
  created_at bigint not null,
  created_by text not null
);

create index role_assignments_by_principal on role_assignments (principal_id);
create index role_assignments_by_scope on role_assignments (scope);

create table role_definitions (
  name text primary key,
  role_name text not null,
  description text not null,
  actions text not null,
  not_actions text not null,
  assignable_scopes text not null,
  created_at bigint not null,
  created_by text not null
);
