-- Live Kubernetes clusters and their objects. A cluster that nobody has opened has no row.

create table kubernetes_clusters (
  -- The appliance's id: a machine has one cluster at most.
  id text primary key,
  -- Tells the clusters apart that a machine has one after another.
  life text not null,
  -- The newest revision: it never goes back.
  revision bigint not null,
  -- Up to which simulated moment it was played.
  played_to bigint not null,
  -- Grows with each process that takes the cluster over; a save is a condition on it.
  owner_number integer not null
);

create table kubernetes_objects (
  cluster text not null,
  -- `apps/deployments`; `/pods` of the core group.
  resource text not null,
  namespace text not null,
  name text not null,
  revision bigint not null,
  -- The object as clients see it: JSON.
  body text not null,
  -- What the simulation remembers of it: JSON.
  simulation text,
  primary key (cluster, resource, namespace, name)
);
