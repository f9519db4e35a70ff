/** What an operation of one version is, in one form for the official swagger and for our own document. */
import type { DocumentNode, Source } from './shape.ts';

export interface Operation {
  readonly id: string;
  /** In capitals. */
  readonly method: string;
  /** With `{parameters}`. */
  readonly path: string;
  /** Names in the query with whether each is required; without `api-version`. */
  readonly query: ReadonlyMap<string, boolean>;
  readonly body: { readonly schema: DocumentNode; readonly isRequired: boolean } | undefined;
  /** Of success, by status. */
  readonly answers: ReadonlyMap<number, DocumentNode | undefined>;
  /** What a refusal shows. */
  readonly refusal: DocumentNode | undefined;
  readonly isLongRunning: boolean;
  readonly finalStateVia: string | undefined;
  readonly isPageable: boolean;
}

/** The contract of one version, whoever wrote it. */
export interface Contract {
  readonly version: string;
  readonly source: Source;
  /** By operation id. */
  readonly operations: ReadonlyMap<string, Operation>;
}

/** Extensions that both kinds of document have on an operation. */
export interface Extensions {
  readonly 'x-ms-long-running-operation'?: boolean;
  readonly 'x-ms-long-running-operation-options'?: { readonly 'final-state-via': string };
  readonly 'x-ms-pageable'?: { readonly nextLinkName: string | null };
}

export const marksOf = (
  operation: Extensions,
): Pick<Operation, 'isLongRunning' | 'finalStateVia' | 'isPageable'> => ({
  isLongRunning: operation['x-ms-long-running-operation'] ?? false,
  finalStateVia: operation['x-ms-long-running-operation-options']?.['final-state-via'],
  isPageable: operation['x-ms-pageable'] !== undefined,
});
