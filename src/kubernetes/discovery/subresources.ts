/** What stands below resources besides `status` and `scale`, and what can only be created (kubernetes-facts.md 8.2). */

export interface Subresource {
  readonly name: string;
  /** Where it is another kind than its resource. */
  readonly kind?: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

/** By the key of the kind. */
export const SUBRESOURCES: Readonly<Record<string, readonly Subresource[]>> = {
  '/pods': [
    { name: 'binding', kind: 'Binding', verbs: ['create'] },
    { name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
    { name: 'log', verbs: ['get'] },
  ],
  '/namespaces': [{ name: 'finalize', verbs: ['update'] }],
  '/serviceaccounts': [
    {
      name: 'token',
      kind: 'TokenRequest',
      group: 'authentication.k8s.io',
      version: 'v1',
      verbs: ['create'],
    },
  ],
};

/** Reviews: questions that are asked by creating them. */
export interface VirtualResource {
  readonly group: string;
  readonly resource: string;
  readonly kind: string;
  readonly isNamespaced: boolean;
  readonly message: string;
}

export const VIRTUAL: readonly VirtualResource[] = [
  ...(['SelfSubjectReview', 'TokenReview'] as const).map((kind) => ({
    group: 'authentication.k8s.io',
    resource: `${kind.toLowerCase()}s`,
    kind,
    isNamespaced: false,
    message: `authentication.v1.${kind}`,
  })),
  ...(
    [
      'LocalSubjectAccessReview',
      'SelfSubjectAccessReview',
      'SelfSubjectRulesReview',
      'SubjectAccessReview',
    ] as const
  ).map((kind) => ({
    group: 'authorization.k8s.io',
    resource: `${kind.toLowerCase()}s`,
    kind,
    isNamespaced: kind.startsWith('Local'),
    message: `authorization.v1.${kind}`,
  })),
];
