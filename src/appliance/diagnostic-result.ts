/** The result of one diagnostic test, with the members of the documents ([doc], local-api). */
export interface DiagnosticResult {
  readonly test: string;
  readonly category: string;
  readonly status: 'Succeeded' | 'NotApplicable' | 'Failed';
  readonly recommendedActions: string;
}
