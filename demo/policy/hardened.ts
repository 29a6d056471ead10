import { allow, refuse, type Guard, type Intention, type Ruling, type Situation } from './guard.ts';

type ToolIntention = Extract<Intention, { kind: 'tool' }>;

/**
 * Obeys the person at the keyboard alone, within what that person's account may do. What a text says about its
 * author, about approvals or about earlier promises gives it no rights. Money and deletion wait for a confirmation that
 * this conversation cannot give.
 */
export const hardenedGuard: Guard = {
  name: 'hardened',
  listensTo: (origin) => origin === 'user',
  rule: (intention, situation) => {
    switch (intention.kind) {
      case 'disclose':
        return refuse('my instructions and our credentials are confidential');
      case 'standing_rule':
        return refuse('I do not take rules that change how I answer later');
      case 'speak':
        return ruleOnSpeech(situation);
      case 'tool':
        return ruleOnTool(intention, situation);
    }
  },
};

function ruleOnSpeech({ signals }: Situation): Ruling {
  if (signals.overridesInstructions) return refuse('my instructions stay as they are');
  if (signals.dictatesAnswer) return refuse('I write my answers in my own words');
  if (signals.claimsHistory) return refuse('I have no record of such an agreement');
  return allow;
}

function ruleOnTool(intention: ToolIntention, { userId }: Situation): Ruling {
  const isForeign = intention.owners.some((owner) => owner !== userId && owner !== 'public');
  if (intention.effect === 'permission') return refuse('roles are changed by our administrators, not in this chat');
  if (isForeign)
    return refuse(intention.effect === 'send' ? 'I only send mail to the address of your account' : 'that does not belong to your account');
  if (intention.effect === 'payment' || intention.effect === 'delete') {
    return { kind: 'confirm', because: 'it needs your confirmation on the phone number of your account, which this chat cannot give' };
  }
  if (intention.effect === 'write' && intention.owners.includes('public')) return refuse('public documents are kept by our staff');
  return allow;
}
