/** Who asks: a person, a service account or a part of the cluster itself. */

export interface Caller {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export const ANONYMOUS: Caller = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** The parts of the cluster act as themselves, and everything is allowed to them. */
export const systemCaller = (name: string): Caller => ({ name, groups: ['system:masters'] });
