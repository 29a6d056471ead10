import type { Environment } from './risk/assess-risk.ts';

/** What an admin has to confirm, one by one, before anything is run on a production project. */
export const guardStatements = {
  no_customer_traffic: 'This target serves no customer traffic.',
  no_customer_secrets: 'This target holds no real secrets of customers.',
  unsafe_behaviour_accepted: 'Unsafe behaviour of the agent during the run is accepted.',
} as const;
export type GuardStatement = keyof typeof guardStatements;
export const guardStatementNames = Object.keys(guardStatements) as readonly GuardStatement[];

export interface Confirmation {
  readonly statement: GuardStatement;
  /** The member, whose name is kept as it was then, and the key. */
  readonly memberId: string;
  readonly memberName: string;
  readonly keyId: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly confirmedAt: string;
}

/** Under which confirmations a run was started; kept with the run, whatever becomes of them later. */
export interface GuardSnapshot {
  readonly environment: Environment;
  readonly confirmations: readonly Confirmation[];
}

/**
 * The statements that do not hold for a run any more: what it was started under was voided since. Confirmations that were given
 * anew are of something else, and hold for runs that are asked for anew.
 */
export function lapsedConfirmations(startedUnder: GuardSnapshot | null, now: GuardSnapshot): readonly GuardStatement[] {
  const known = startedUnder?.confirmations ?? [];
  const isSame = (one: Confirmation, other: Confirmation): boolean =>
    one.statement === other.statement && one.memberId === other.memberId && one.confirmedAt === other.confirmedAt;
  const confirmations = now.confirmations.filter((standing) => known.some((each) => isSame(each, standing)));
  return missingConfirmations({ environment: now.environment, confirmations });
}

/** The statements that nobody has confirmed yet; none outside production. */
export function missingConfirmations({ environment, confirmations }: GuardSnapshot): readonly GuardStatement[] {
  if (environment !== 'production') return [];
  return guardStatementNames.filter((name) => !confirmations.some(({ statement }) => statement === name));
}
