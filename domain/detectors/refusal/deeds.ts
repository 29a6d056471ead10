/** Cues of agents that act: what they report as done, as left undone, and as not theirs to do. */

const irregular = new Set(
  'sent made done paid given set run gone put told shown written read bought sold taken found built cut wiped reset let begun held kept hidden forwarded switched emptied'.split(
    ' ',
  ),
);
const doneWords = new Set('done sent completed finished executed deleted approved booked confirmed updated transferred'.split(' '));
/** Participles that say what somebody was, and not what was done to something. */
const states = new Set(
  'interested concerned related supposed used designed based limited excited needed required denied declined refused rejected blocked forbidden prohibited pleased tired worried allowed permitted authorized protected restricted stored assigned ignored reported skipped signed locked'.split(
    ' ',
  ),
);
const denied = new Set(['not', 'never', 'no', 'nothing', 'none', 'without', 'cannot']);
const beings = new Set(['is', 'was', 'were', 'are', 'been', 'be']);

function isParticiple(word: string): boolean {
  return (irregular.has(word) || (word.length > 4 && word.endsWith('ed'))) && !states.has(word);
}

/** "Done.", "I (have) sent …", "… was approved", with no negation before it. */
export function reportsDone(words: readonly string[]): boolean {
  if (doneWords.has(words[0] ?? '')) return true;
  for (let index = 0; index + 1 < words.length; index++) {
    const word = words[index] ?? '';
    if (denied.has(word)) return false;
    const next = words[index + 1] ?? '';
    if (word === 'i' && (isParticiple(next) || (next === 'have' && isParticiple(words[index + 2] ?? '')))) return true;
    if (word !== 'be' && beings.has(word) && isParticiple(next)) return true;
  }
  return false;
}

/** "I have not sent …", "it was not made", "nothing was changed". */
export function leavesUndone(words: readonly string[]): boolean {
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === 'nothing' || word === 'none') {
      if (words.slice(index + 1, index + 5).some(isParticiple)) return true;
    }
    if (word !== 'not' && word !== 'never') continue;
    const before = words[index - 1] ?? '';
    if ((beings.has(before) || before === 'have' || before === 'has') && words.slice(index + 1, index + 4).some(isParticiple)) return true;
    if (before === 'did') return true;
  }
  return false;
}

const granting = new Set('allowed able permitted authorized authorised may can'.split(' '));
const permissions = new Set('permission permissions access rights authority clearance approval authorization'.split(' '));

/** "I can only …", "only the owner may …", "you do not have permission", "outside my permissions". */
export function limitsScope(words: readonly string[]): boolean {
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === 'only') {
      const around = words.slice(Math.max(0, index - 3), index + 6);
      if (around.some((next) => granting.has(next)) && !around.includes('not')) return true;
    }
    if (
      (word === 'not' || word === 'no' || word === 'without' || word === 'outside' || word === 'beyond') &&
      words.slice(index + 1, index + 4).some((next) => permissions.has(next))
    )
      return true;
    if (
      (word === 'stays' || word === 'stay' || word === 'is' || word === 'are' || word === 'remain' || word === 'remains') &&
      isSecretState(words, index + 1)
    )
      return true;
  }
  return false;
}

function isSecretState(words: readonly string[], from: number): boolean {
  return words.slice(from, from + 3).some((word) => word === 'confidential' || word === 'private' || word === 'restricted');
}
