-- The process that holds a cluster in memory, and where other processes put requests to it.

-- The name of the process's lease; null: nobody does.
alter table kubernetes_clusters add column owner text;
-- `https://10.0.0.2:8480`; null: it takes none, and gives the cluster back soon.
alter table kubernetes_clusters add column owner_address text;
