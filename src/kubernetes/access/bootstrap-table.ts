/**
 * The rules of the roles that every cluster begins with. Verbs: g get, l list, w watch, c create, u update, p patch, d delete,
 * D deletecollection; R glw, W cupdD, RW all of them; E the rule of events. `group:resources`; nothing before the colon is the
 * core group; names of objects in brackets.
 * Source: bootstrappolicy/{policy,controller_policy}.go, 1.27 (kubernetes-facts.md 3.1, 3.2, 3.4).
 */

type Table = Readonly<Record<string, string>>;

/** Rules of cluster roles. */
export const ROLES: Table = {
  'system:discovery':
    'get /api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/',
  'system:public-info-viewer': 'get /healthz,/livez,/readyz,/version,/version/',
  'system:monitoring':
    'get /healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*',
  'system:basic-user':
    'c authorization.k8s.io:selfsubjectaccessreviews,selfsubjectrulesreviews; c authentication.k8s.io:selfsubjectreviews',
  'system:node':
    'c authentication.k8s.io:tokenreviews; c authorization.k8s.io:localsubjectaccessreviews,subjectaccessreviews; R :services; cglw :nodes; up :nodes/status; up :nodes; cup :events; R :pods; cd :pods; up :pods/status; c :pods/eviction; R :configmaps,secrets; g :persistentvolumeclaims,persistentvolumes; g :endpoints; cglw certificates.k8s.io:certificatesigningrequests; gcupd coordination.k8s.io:leases; g storage.k8s.io:volumeattachments; c :serviceaccounts/token; gup :persistentvolumeclaims/status; glw storage.k8s.io:csidrivers; gcupd storage.k8s.io:csinodes; glw node.k8s.io:runtimeclasses',
  'system:node-bootstrapper': 'cglw certificates.k8s.io:certificatesigningrequests',
  'system:node-problem-detector': 'g :nodes; p :nodes/status; E',
  'system:node-proxier':
    'lw :endpoints,services; glw :nodes; E; lw discovery.k8s.io:endpointslices',
  'system:kubelet-api-admin':
    'glw :nodes; proxy :nodes; * :nodes/log,nodes/metrics,nodes/proxy,nodes/stats',
  'system:auth-delegator':
    'c authentication.k8s.io:tokenreviews; c authorization.k8s.io:subjectaccessreviews',
  'system:kube-aggregator': 'R :endpoints,services',
  'system:heapster': 'R :events,namespaces,nodes,pods; R extensions:deployments',
  'system:kube-dns': 'lw :endpoints,services',
  'system:persistent-volume-provisioner':
    'glwcd :persistentvolumes; glwu :persistentvolumeclaims; R storage.k8s.io:storageclasses; w :events; E',
  'system:volume-scheduler':
    'glwup :persistentvolumes; R storage.k8s.io:storageclasses; glwup :persistentvolumeclaims',
  'system:kube-controller-manager':
    'E; c coordination.k8s.io:leases; gu coordination.k8s.io:leases[kube-controller-manager]; c :endpoints; gu :endpoints[kube-controller-manager]; c :secrets,serviceaccounts; d :secrets; g :configmaps,namespaces,secrets,serviceaccounts; u :secrets,serviceaccounts; c authentication.k8s.io:tokenreviews; c authorization.k8s.io:subjectaccessreviews; lw *:*; c :serviceaccounts/token',
  'system:kube-scheduler':
    'E; c coordination.k8s.io:leases; gu coordination.k8s.io:leases[kube-scheduler]; c :endpoints; gu :endpoints[kube-scheduler]; R :nodes; glwd :pods; c :bindings,pods/binding; pu :pods/status; R :replicationcontrollers,services; R apps,extensions:replicasets; R apps:statefulsets; R policy:poddisruptionbudgets; R :persistentvolumeclaims,persistentvolumes; c authentication.k8s.io:tokenreviews; c authorization.k8s.io:subjectaccessreviews; R storage.k8s.io:csinodes; R :namespaces; R storage.k8s.io:csidrivers; R storage.k8s.io:csistoragecapacities',
  'system:service-account-issuer-discovery':
    'get /.well-known/openid-configuration,/openid/v1/jwks',
};

/** What `view`, `edit` and `admin` are put together of. */
export const AGGREGATES: Table = {
  admin:
    'c authorization.k8s.io:localsubjectaccessreviews; RW rbac.authorization.k8s.io:roles,rolebindings',
  edit: 'R :pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy; impersonate :serviceaccounts; W :pods,pods/attach,pods/exec,pods/portforward,pods/proxy; c :pods/eviction; W :configmaps,events,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy; c :serviceaccounts/token; W apps:daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale; W autoscaling:horizontalpodautoscalers; W batch:cronjobs,jobs; W extensions:daemonsets,deployments,deployments/rollback,deployments/scale,ingresses,networkpolicies,replicasets,replicasets/scale,replicationcontrollers/scale; W policy:poddisruptionbudgets; W networking.k8s.io:ingresses,networkpolicies; RW coordination.k8s.io:leases',
  view: 'R :configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status; R :bindings,events,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status; R :namespaces; R discovery.k8s.io:endpointslices; R apps:controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status; R autoscaling:horizontalpodautoscalers,horizontalpodautoscalers/status; R batch:cronjobs,cronjobs/status,jobs,jobs/status; R extensions:daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale; R policy:poddisruptionbudgets,poddisruptionbudgets/status; R networking.k8s.io:ingresses,ingresses/status,networkpolicies',
};

/** Rules of the controllers; each is bound to the service account of its name in kube-system. */
export const CONTROLLER_ROLES: Table = {
  'attachdetach-controller':
    'lw :persistentvolumes,persistentvolumeclaims; glw :nodes; up :nodes/status; lw :pods; E; glwcd storage.k8s.io:volumeattachments; glw storage.k8s.io:csidrivers; glw storage.k8s.io:csinodes',
  'clusterrole-aggregation-controller': 'escalate rbac.authorization.k8s.io:clusterroles',
  'cronjob-controller':
    'glwu batch:cronjobs; glwcupd batch:jobs; u batch:cronjobs/status; u batch:cronjobs/finalizers; ld :pods; E',
  'daemon-set-controller':
    'glw extensions,apps:daemonsets; u extensions,apps:daemonsets/status; u extensions,apps:daemonsets/finalizers; lw :nodes; lwcpd :pods; c :pods/binding; glwcupd apps:controllerrevisions; E',
  'deployment-controller':
    'glwu extensions,apps:deployments; u extensions,apps:deployments/status; u extensions,apps:deployments/finalizers; glwcupd apps,extensions:replicasets; glwu :pods; E',
  'disruption-controller':
    'glw extensions,apps:deployments; glw apps,extensions:replicasets; glw :replicationcontrollers; glw policy:poddisruptionbudgets; glw apps:statefulsets; u policy:poddisruptionbudgets/status; g *:*/scale; E; up :pods/status',
  'endpoint-controller': 'glw :services,pods; glcud :endpoints; c :endpoints/restricted; E',
  'endpointslice-controller':
    'glw :services,pods,nodes; u :services/finalizers; glcud discovery.k8s.io:endpointslices; c discovery.k8s.io:endpointslices/restricted; E',
  'endpointslicemirroring-controller':
    'glw :services,endpoints; u :services/finalizers; u :endpoints/finalizers; glcud discovery.k8s.io:endpointslices; c discovery.k8s.io:endpointslices/restricted; E',
  'expand-controller':
    'glwup :persistentvolumes; up :persistentvolumeclaims/status; glw :persistentvolumeclaims; glw storage.k8s.io:storageclasses; g :services,endpoints; g :secrets; E',
  'ephemeral-volume-controller': 'glw :pods; u :pods/finalizers; glwc :persistentvolumeclaims; E',
  'generic-garbage-collector': 'glwupd *:*; E',
  'horizontal-pod-autoscaler':
    'glw autoscaling:horizontalpodautoscalers; u autoscaling:horizontalpodautoscalers/status; gu *:*/scale; l :pods; l metrics.k8s.io:pods; gl custom.metrics.k8s.io:*; gl external.metrics.k8s.io:*; E',
  'job-controller':
    'glwup batch:jobs; u batch:jobs/status; u batch:jobs/finalizers; lwcpd :pods; E',
  'namespace-controller': 'glwd :namespaces; u :namespaces/finalize,namespaces/status; gldD *:*',
  'node-controller':
    'glupd :nodes; up :nodes/status; up :pods/status; ld :pods; glcu networking.k8s.io:clustercidrs; E; g :pods',
  'persistent-volume-binder':
    'glwcud :persistentvolumes; u :persistentvolumes/status; glwu :persistentvolumeclaims; u :persistentvolumeclaims/status; glwcd :pods; glw storage.k8s.io:storageclasses; gcud :endpoints; gcd :services; g :secrets; gl :nodes; w :events; E',
  'pod-garbage-collector': 'lwd :pods; gl :nodes; p :pods/status',
  'replicaset-controller':
    'glwu apps,extensions:replicasets; u apps,extensions:replicasets/status; u apps,extensions:replicasets/finalizers; lwcpd :pods; E',
  'replication-controller':
    'glwu :replicationcontrollers; u :replicationcontrollers/status; u :replicationcontrollers/finalizers; lwcpd :pods; E',
  'resourcequota-controller': 'lw *:*; u :resourcequotas/status; E',
  'route-controller': 'lw :nodes; p :nodes/status; E',
  'service-account-controller': 'c :serviceaccounts; E',
  'service-controller': 'glw :services; up :services/status; lw :nodes; E',
  'statefulset-controller':
    'lw :pods; glw apps:statefulsets; u apps:statefulsets/status; u apps:statefulsets/finalizers; gcupd :pods; glwcupd apps:controllerrevisions; gc :persistentvolumeclaims; E; ud :persistentvolumeclaims',
  'ttl-controller': 'lwup :nodes; E',
  'certificate-controller':
    'glwd certificates.k8s.io:certificatesigningrequests; u certificates.k8s.io:certificatesigningrequests/status,certificatesigningrequests/approval; approve certificates.k8s.io:signers[kubernetes.io/kube-apiserver-client-kubelet]; sign certificates.k8s.io:signers[kubernetes.io/kube-apiserver-client,kubernetes.io/kube-apiserver-client-kubelet,kubernetes.io/kubelet-serving,kubernetes.io/legacy-unknown]; c authorization.k8s.io:subjectaccessreviews; E',
  'pvc-protection-controller': 'glwu :persistentvolumeclaims; glw :pods; E',
  'pv-protection-controller': 'glwu :persistentvolumes; E',
  'ttl-after-finished-controller': 'glwd batch:jobs; E',
  'root-ca-cert-publisher': 'cu :configmaps; E',
};

/** Who has which cluster role, by the name of both. */
export const BINDINGS: Table = {
  'cluster-admin': 'Group system:masters',
  'system:monitoring': 'Group system:monitoring',
  'system:discovery': 'Group system:authenticated',
  'system:basic-user': 'Group system:authenticated',
  'system:public-info-viewer': 'Group system:authenticated, Group system:unauthenticated',
  'system:node-proxier': 'User system:kube-proxy',
  'system:kube-controller-manager': 'User system:kube-controller-manager',
  'system:kube-scheduler': 'User system:kube-scheduler',
  'system:volume-scheduler': 'User system:kube-scheduler',
  'system:kube-dns': 'ServiceAccount kube-system/kube-dns',
  'system:node': '',
  'system:service-account-issuer-discovery': 'Group system:serviceaccounts',
};
