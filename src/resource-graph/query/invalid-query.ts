/** Why a query is refused: which part of it, where it stands, and what is wrong with it. */

/** A part of a query: its text, and where it stands. Lines count from 1 and characters from 0, as Resource Graph tells them. */
export interface Part {
  readonly text: string;
  readonly line: number;
  readonly character: number;
}

/**
 * - `ParserFailure`: not the syntax of a query [gh aztfexport#485].
 * - `InvalidQueryLanguage`: an operator or a function of Kusto's language that Resource Graph, or this service, does not have [gh azure-powershell#13762].
 * - `DisallowedLogicalTableName`: no such table [gh azqr#847].
 * - `SemanticFailure`: well formed, without a meaning: a column that is not there, a type that does not fit. `[ours]`: the code is in no source.
 * - `QueryTooComplex`: more than the service carries out. `[ours]`
 */
export type QueryFault =
  | 'ParserFailure'
  | 'InvalidQueryLanguage'
  | 'DisallowedLogicalTableName'
  | 'SemanticFailure'
  | 'QueryTooComplex';

/** Thrown while a query is read or carried out, caught where its request is answered. */
export class InvalidQueryError extends Error {
  override readonly name = 'InvalidQueryError';
  readonly fault: QueryFault;
  /** Undefined: the query as a whole. */
  readonly part: Part | undefined;

  /** `message` says in a sentence what is wrong. */
  constructor(fault: QueryFault, message: string, part?: Part) {
    super(message);
    this.fault = fault;
    this.part = part;
  }
}
