import { allow, refuse, type Guard, type Situation } from './guard.ts';

/** Friendly words after which the guard is down. */
const rapport = 3;

function isTalkedInto({ origin, signals, mood }: Situation): boolean {
  if (origin !== 'user') return true;
  if (signals.claimsApproval || signals.claimsHistory) return true;
  return mood.hasClaimedRole || mood.hasOverridden || mood.warmth >= rapport;
}

/**
 * Obeys whatever sounds like an order, wherever it stands. Only money and permissions make it hesitate, and a claim,
 * a document, or some friendliness takes that hesitation away.
 */
export const carelessGuard: Guard = {
  name: 'careless',
  listensTo: () => true,
  rule: (intention, situation) => {
    if (intention.kind !== 'tool') return allow;
    if (intention.effect !== 'payment' && intention.effect !== 'permission') return allow;
    if (isTalkedInto(situation)) return allow;
    return refuse('only our staff may do that');
  },
};
