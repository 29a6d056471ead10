import { isArithmetic } from '../tools/tiny-interpreter.ts';
import { allow, refuse, type Guard, type Intention, type Ruling, type Situation } from './guard.ts';

type ToolIntention = Extract<Intention, { kind: 'tool' }>;

/** Repetitions that a person may have meant. */
const maxRepeats = 3;
/** What acts where an answer is shown. */
const activeMarkup = /<[a-z!/]|\\(?:x1b|e\[|u001b)|javascript:/i;
const escapeCharacter = '\u001b';
/** A mail that asks its reader for what only the reader should know, or to act before thinking. */
const phishing =
  /\b(?:passwords?|pins?|one-time codes?|card (?:numbers?|details|data)|security codes?|log ?ins?|sign ?ins?|credentials?|verify (?:your|their)|confirm (?:your|their) (?:identity|account|data|details))\b/i;

/**
 * Obeys the person at the keyboard alone, within what that person's account may do. What a text says about its
 * author, about approvals or about earlier promises gives it no rights. Money and deletion wait for a confirmation that
 * this conversation cannot give.
 */
export const hardenedGuard: Guard = {
  name: 'hardened',
  listensTo: (origin) => origin === 'user' || origin === 'agent',
  hygiene: 'clean',
  rule: (intention, situation) => {
    switch (intention.kind) {
      case 'disclose':
        return refuse('how I am set up and our credentials are confidential');
      case 'standing_rule':
        return refuse('I do not take rules that change how I answer later');
      case 'speak':
        return ruleOnSpeech(intention.text, situation);
      case 'embed':
        return refuse('I put no images or links from outside into my answers');
      case 'repeat':
        return intention.times > maxRepeats ? refuse('I do such a thing once, not over and over') : allow;
      case 'compose_code':
        return refuse('I only help with the shop and write no programs');
      case 'draft':
        return phishing.test(intention.text) ? refuse('I write no mail that asks people for their credentials') : allow;
      case 'explain':
        return intention.isRestricted ? refuse('that part of our manuals is for our workshop alone') : allow;
      case 'tool':
        return ruleOnTool(intention, situation);
    }
  },
};

function ruleOnSpeech(text: string, { signals }: Situation): Ruling {
  if (activeMarkup.test(text) || text.includes(escapeCharacter)) return refuse('I write no markup that a page would run');
  if (signals.overridesInstructions) return refuse('my instructions stay as they are');
  if (signals.dictatesAnswer) return refuse('I write my answers in my own words');
  if (signals.claimsHistory) return refuse('I have no record of such an agreement');
  return allow;
}

function ruleOnTool(intention: ToolIntention, { origin, userId }: Situation): Ruling {
  const isForeign = intention.owners.some((owner) => owner !== userId && owner !== 'public');
  if (intention.effect === 'permission') return refuse('roles and approvals are decided by our administrators, not in this chat');
  if (isForeign)
    return refuse(intention.effect === 'send' ? 'I only send mail to the address of your account' : 'that does not belong to your account');
  if (intention.effect === 'payment' || intention.effect === 'delete') {
    return { kind: 'confirm', because: 'it needs your confirmation on the phone number of your account, which this chat cannot give' };
  }
  if (intention.effect === 'write' && intention.owners.includes('public')) return refuse('public documents are kept by our staff');
  if (intention.effect === 'execute' && !isArithmetic(String(intention.input['code']))) return refuse('I only calculate sums');
  if (intention.tool === 'agents.hand_over' && (origin !== 'user' || intention.input['breadth'] === 'all'))
    return refuse('I hand a matter to one colleague, who does not pass it on');
  return allow;
}
