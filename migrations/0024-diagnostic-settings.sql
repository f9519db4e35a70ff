-- Diagnostic settings of devices (Microsoft.Insights/diagnosticSettings): where a device's metrics would be sent. The key is the id in
-- lower case and begins with the key of the device, so that the settings of a device, and of a group, are a range of keys.

create table diagnostic_settings (
  key text primary key,
  id text not null,
  name text not null,
  properties text not null
);
