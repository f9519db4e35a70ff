/** The names under which quotas count kinds (kubernetes-facts.md 4.9; core/v1 types ResourceQuota). */
export const KIND_OF_COUNT: ReadonlyMap<string, string> = new Map([
  ['/configmaps', 'configmaps'],
  ['/secrets', 'secrets'],
  ['/services', 'services'],
  ['/persistentvolumeclaims', 'persistentvolumeclaims'],
  ['/resourcequotas', 'resourcequotas'],
]);
