/** Our own contract, read from an OpenAPI document as the service writes it: in memory, or a file of `openapi/`. */
import { documentOf } from '#arm/document.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { definitions } from '#resources/index.ts';
import { type Contract, type Extensions, marksOf, type Operation } from './operations.ts';
import type { DocumentNode, Source } from './shape.ts';

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
}

interface Content {
  readonly $ref?: string;
  readonly required?: boolean;
  readonly content?: { readonly 'application/json': { readonly schema: DocumentNode } };
}

interface DocumentOperation extends Extensions {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

export interface OurDocument {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentOperation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Operations that ours has beyond the contract: where long-running operations are polled, as recorded. */
export const BEYOND = /^OperationResults_Get_/;

export const ourVersions: readonly string[] = DATA_BOX_EDGE_VERSIONS.versions.toSorted();

/** The document of `version`, made now. */
export const ourDocument = (version: string): OurDocument =>
  documentOf(definitions, version) as unknown as OurDocument;

/** What a document says, without what is beyond the contract. */
export function ourContract(document: OurDocument): Contract {
  const at = <T extends { readonly $ref?: string }>(node: T): T =>
    node.$ref === undefined ? node : (resolved(document, node.$ref) as T);
  const operations = new Map<string, Operation>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (BEYOND.test(operation.operationId)) continue;
      const { default: refusal, ...answers } = operation.responses;
      const body = operation.requestBody;
      operations.set(operation.operationId, {
        id: operation.operationId,
        method: method.toUpperCase(),
        path,
        query: new Map(
          operation.parameters
            .map(at)
            .filter((parameter) => parameter.in === 'query' && parameter.name !== 'api-version')
            .map((parameter) => [parameter.name, parameter.required ?? false]),
        ),
        body:
          body === undefined
            ? undefined
            : { schema: schemaOf(body) ?? {}, isRequired: body.required ?? false },
        answers: new Map(
          Object.entries(answers).map(([status, answer]) => [Number(status), schemaOf(at(answer))]),
        ),
        refusal: refusal === undefined ? undefined : schemaOf(at(refusal)),
        ...marksOf(operation),
      });
    }
  }
  return { version: document.info.version, source: sourceOf(document), operations };
}

const schemaOf = (content: Content): DocumentNode | undefined =>
  content.content?.['application/json'].schema;

/** What `#/components/schemas/Share` refers to. */
export function resolved(document: OurDocument, ref: string): unknown {
  const [, , section = '', name = ''] = ref.split('/');
  const found = document.components[section]?.[name];
  if (found === undefined) throw new Error(`the document has no ${ref}`);
  return found;
}

/** Our kinds stand in `oneOf`, so no reference has kinds of its own. */
const sourceOf = (document: OurDocument): Source => ({
  resolve: (ref) => resolved(document, ref) as DocumentNode,
  kindsOf: () => new Map(),
});
