import { guardStatements, type GuardSnapshot } from '../production-guard.ts';

/** What the run was started against and under which confirmations, one sentence each. */
export function guardSentences(guard: GuardSnapshot | null): readonly string[] {
  if (guard === null) return [];
  const confirmed = guard.confirmations.map(
    ({ statement, memberName, memberId, confirmedAt, reason }) =>
      `"${guardStatements[statement]}" confirmed by ${memberName} (${memberId}) at ${confirmedAt}: ${reason}`,
  );
  return [guard.environment, ...(guard.environment === 'production' ? confirmed : [])];
}
