-- Who made and who last changed a resource, and when: JSON, as `systemData` shows it.

alter table resources add column system_data text;
