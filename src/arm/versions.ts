/**
 * Api-versions: which a namespace has, which old or preview ones are served as a kept relative, and how a version is
 * read from a request. The only place that knows versions besides the marks of a schema.
 */

export interface NamespaceVersions {
  /** Newest first, as ARM's texts list them. */
  readonly versions: readonly string[];
  /** Versions that clients still send, and the kept one each is served as (arm-protocol §0.3). */
  readonly relatives: Readonly<Record<string, string>>;
  /** What the service itself writes into poll URLs, whatever the request's own version was [rec 14]: the newest shape. */
  readonly onPolls: readonly string[];
}

export const DATA_BOX_EDGE_VERSIONS: NamespaceVersions = {
  versions: [
    '2023-12-01',
    '2023-07-01',
    '2023-01-01-preview',
    '2022-12-01-preview',
    '2022-04-01-preview',
    '2022-03-01',
    '2021-06-01',
    '2021-06-01-preview',
    '2021-02-01',
    '2020-12-01',
    '2020-09-01',
    '2019-08-01',
  ],
  relatives: {
    '2019-03-01': '2019-08-01',
    '2019-07-01': '2019-08-01',
    '2020-05-01-preview': '2020-09-01',
    '2020-09-01-preview': '2020-09-01',
    '2021-02-01-preview': '2021-02-01',
  },
  onPolls: ['2019-03-01', '2019-07-01'],
};

/** The versions of `Microsoft.Kubernetes/connectedClusters` that were published as stable, and the shape they share here. */
export const KUBERNETES_VERSIONS: NamespaceVersions = {
  versions: ['2024-01-01', '2022-10-01-preview', '2022-05-01-preview', '2021-10-01'],
  relatives: {},
  onPolls: [],
};

/** What ARM's own endpoints (subscriptions, resource groups, providers) take: every plausible date (arm-protocol §6.3). */
export const PLATFORM_VERSIONS: readonly string[] = [
  '2024-11-01',
  '2024-03-01',
  '2023-07-01',
  '2022-12-01',
  '2022-09-01',
  '2021-04-01',
  '2021-01-01',
  '2020-10-01',
  '2020-06-01',
  '2020-01-01',
  '2019-11-01',
  '2019-10-01',
  '2019-05-10',
  '2019-05-01',
  '2018-05-01',
  '2018-02-01',
  '2017-05-10',
  '2016-09-01',
  '2016-06-01',
  '2016-02-01',
];

/** The kept version that serves `asked`, or undefined; compares without case. */
export function servedVersion(of: NamespaceVersions, asked: string): string | undefined {
  const lower = asked.toLowerCase();
  const served = of.versions.find((version) => version === lower);
  if (served !== undefined) return served;
  return Object.hasOwn(of.relatives, lower) ? of.relatives[lower] : undefined;
}

/** As `servedVersion`, on a poll URL: its version may be the service's own choice, which says nothing about the client. */
export function servedPollVersion(of: NamespaceVersions, asked: string): string | undefined {
  return of.onPolls.includes(asked) ? of.versions[0] : servedVersion(of, asked);
}

/** `2021-06-01-preview` counts as 2021-06-01: a preview belongs to its date. */
const dateOf = (version: string): string => version.slice(0, 10);

/**
 * Which api-versions: `2020-09-01..`, `..2020-12-01`, `2020-09-01..2020-12-01`, or one alone; several apart by a blank.
 * The ends of a range are in it and count by their date; one alone is that one and not its preview.
 */
export type Span = string;

/** True when `span` has `version`. */
export function isWithin(span: Span, version: string): boolean {
  return span.split(' ').some((part) => {
    const [from = '', to] = part.split('..');
    if (to === undefined) return version === from;
    const date = dateOf(version);
    return date >= dateOf(from) && (to === '' || date <= dateOf(to));
  });
}

/** The `api-version` of a query, its key without case [mem]; undefined when it is missing or empty. */
export function askedVersion(query: Readonly<Record<string, unknown>>): string | undefined {
  let value = query['api-version'];
  if (value === undefined) {
    const key = Object.keys(query).find((name) => name.toLowerCase() === 'api-version');
    value = key === undefined ? undefined : query[key];
  }
  return typeof value === 'string' && value !== '' ? value : undefined;
}
