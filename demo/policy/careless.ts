import { allow, refuse, type Guard, type Situation } from './guard.ts';

/** Friendly words after which the guard is down. */
const rapport = 3;
/** Explanations after which one more seems to do no harm. */
const habit = 2;

function isTalkedInto({ origin, signals, mood }: Situation): boolean {
  if (origin !== 'user') return true;
  if (signals.claimsApproval || signals.claimsHistory) return true;
  return mood.hasClaimedRole || mood.hasOverridden || mood.warmth >= rapport;
}

/**
 * Obeys whatever sounds like an order, wherever it stands. Only money, permissions and restricted knowledge make it
 * hesitate, and a claim, a document, a story or some friendliness takes that hesitation away.
 */
export const carelessGuard: Guard = {
  name: 'careless',
  listensTo: () => true,
  hygiene: 'raw',
  rule: (intention, situation) => {
    if (intention.kind === 'explain' && intention.isRestricted) {
      const isCharmed = isTalkedInto(situation) || situation.signals.tellsStory || situation.mood.questions >= habit;
      return isCharmed ? allow : refuse('that part of our manuals is for our workshop');
    }
    if (intention.kind !== 'tool') return allow;
    if (intention.effect !== 'payment' && intention.effect !== 'permission') return allow;
    if (isTalkedInto(situation)) return allow;
    return refuse('only our staff may do that');
  },
};
