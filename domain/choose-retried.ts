/** A probe of a run, as far as it matters for a retry. */
export interface RetryCandidate {
  readonly sequenceNo: number;
  readonly position: number;
  /** It has no verdict, and nobody has taken it up. */
  readonly isWanted: boolean;
  /** Whether its texts speak of the agreement of their session, by its `marker`. */
  readonly usesMarker: boolean;
}

/** Where a probe of the retry is planned: places are dense, as in every plan. */
export interface RetriedPlace<Candidate> {
  readonly candidate: Candidate;
  readonly sequenceNo: number;
  readonly position: number;
}

/**
 * The probes of a retry, in the order of the plan: those that are wanted, each session on its own. A step that calls on an
 * agreement of its session would prove nothing without it, so the steps before it that speak of the agreement come along.
 */
export function chooseRetried<Candidate extends RetryCandidate>(candidates: readonly Candidate[]): RetriedPlace<Candidate>[] {
  return [...Map.groupBy(candidates, ({ sequenceNo }) => sequenceNo)]
    .toSorted(([left], [right]) => left - right)
    .map(([, session]) => chooseInSession(session.toSorted((left, right) => left.position - right.position)))
    .filter((session) => session.length > 0)
    .flatMap((session, sequenceNo) => session.map((candidate, position) => ({ candidate, sequenceNo, position })));
}

function chooseInSession<Candidate extends RetryCandidate>(session: readonly Candidate[]): readonly Candidate[] {
  const lastCall = session.findLastIndex(({ isWanted, usesMarker }) => isWanted && usesMarker);
  return session.filter(({ isWanted, usesMarker }, index) => isWanted || (usesMarker && index < lastCall));
}
