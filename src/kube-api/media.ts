/**
 * What a client accepts, and how an answer is written for it.
 * Source: apiserver endpoints/handlers/negotiation (kubernetes-api.md 1.3).
 */
import { StatusError } from '#kubernetes/status.ts';

/** In which form objects are answered. */
export interface Accepted {
  readonly as: 'object' | 'table' | 'partial' | 'partialList';
  readonly isYaml: boolean;
  /** The version that a Table or partial object says it has. */
  readonly version: 'v1' | 'v1beta1';
}

const PLAIN: Accepted = { as: 'object', isYaml: false, version: 'v1' };

const FORMS: Readonly<Record<string, Accepted['as']>> = {
  Table: 'table',
  PartialObjectMetadata: 'partial',
  PartialObjectMetadataList: 'partialList',
};

/** The first of the accepted types that there is; throws a 406. Protobuf is never answered: every client takes JSON, too. */
export function acceptedOf(header: string | undefined): Accepted {
  if (header === undefined || header === '' || header === '*/*' || header === 'application/json') {
    return PLAIN;
  }
  for (const range of header.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const isYaml = type === 'application/yaml';
    if (!isYaml && !['application/json', '*/*', 'application/*'].includes(type)) continue;
    const named = new Map(parameters.map((one) => one.split('=') as [string, string]));
    const as = named.get('as');
    if (as === undefined) return { ...PLAIN, isYaml };
    const form = FORMS[as];
    const version = named.get('v') ?? 'v1';
    if (form === undefined || named.get('g') !== 'meta.k8s.io') continue;
    if (version === 'v1' || version === 'v1beta1') return { as: form, isYaml, version };
  }
  throw new StatusError(406, 'NotAcceptable', {
    message:
      'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  });
}

/** Which aggregated discovery the client prefers; undefined: the plain documents. */
export function discoveryVersionOf(header: string | undefined): 'v2' | 'v2beta1' | undefined {
  for (const range of (header ?? '').split(',')) {
    if (!range.includes('as=APIGroupDiscoveryList')) {
      if (range.trim() === 'application/json') return undefined;
      continue;
    }
    const version = /v=(v2beta1|v2)(;|$)/.exec(range.trim())?.[1];
    if (version !== undefined) return version as 'v2' | 'v2beta1';
  }
  return undefined;
}

/** Whether the OpenAPI v2 document is wanted as protobuf rather than as JSON: what is named first counts. */
export function isOpenApiProtobuf(header: string | undefined): boolean {
  for (const range of (header ?? '').split(',')) {
    if (/^\s*application\/com\.github\.proto-openapi\.spec\.v2[.@]v1\.0\+protobuf/.test(range))
      return true;
    if (/^\s*(application\/(json|\*)|\*\/\*)/.test(range)) return false;
  }
  return false;
}
