import { functionWords, wordClass } from './lexicon.ts';
import type { Sentence } from './sentences.ts';

/**
 * A denial of ability or will in the languages that attacks are most often translated into. The model reads English
 * only; each entry is a stem of grammar ("I cannot", "not able", "must decline") and not the wording of one product.
 */
const denials: readonly RegExp[] = [
  // Spanish, Portuguese, Italian, French, Catalan, Romanian
  /(?:^| )(?:no|não|nao) (?:te |le |lhe |ti |la |vi |me )?(?:puedo|podemos|posso|possiamo|puc|consigo) (?:\S+ ){0,2}(?:ayudar|ajudar|aiutar|proporcionar|fornecer|fornire|compartir|compartilhar|condividere|ofrecer|dar|dare|hacer|fazer|fare|cumplir|cumprir|responder|rispondere|assistir)/u,
  /(?:^| )non (?:ti |le |la |vi )?(?:posso|possiamo) (?:\S+ ){0,2}(?:aiutar|fornir|condivid|dar|far|rispond|assister|soddisf)/u,
  /(?:^| )ne (?:peux|pouvons|puis|suis|sommes) (?:pas |malheureusement ){1,2}(?:\S+ ){0,3}(?:aider|fournir|partager|répondre|donner|faire|autoris|mesure|assister)/u,
  /(?:^| )nu (?:te |vă )?(?:pot|putem) (?:\S+ ){0,2}(?:ajut|ofer|furniz|da)/u,
  // German, Dutch, Swedish
  /(?:^| )(?:kann|können|darf|dürfen|werde|werden) (?:\S+ ){0,6}(?:nicht|kein|keine|keinen) (?:\S+ ){0,6}(?:helfen|unterstützen|bereitstellen|geben|beantworten|weitergeben|nennen|erfüllen|behilflich|teilen|nachkommen)/u,
  /(?:^| )(?:kan|mag|får) (?:\S+ ){0,5}(?:niet|geen|inte) (?:\S+ ){0,4}(?:helpen|geven|delen|verstrekken|hjälpa|ge|dela)/u,
  // Russian, Ukrainian, Polish
  /(?:^| )(?:я )?не (?:могу|можу|можем|можемо) (?:\S+ ){0,3}(?:помочь|допомогти|предоставить|надати|выполнить|поделиться|ответить|дать|помогать)/u,
  /(?:^| )nie (?:mogę|możemy) (?:\S+ ){0,3}(?:pomóc|udostępnić|podać|spełnić|przekazać)/u,
];

/** Languages without spaces between words, read from the joined text. */
const unspaced =
  /(?:我|我们|恕)?(?:无法|不能|無法|没办法|拒绝)(?:为您|为你|向您)?(?:提供|协助|帮助|帮您|帮你|满足|回答|分享|執行|执行)|お(?:答え|手伝い|応え)(?:することは)?でき(?:ません|かねます)|提供(?:することは)?できません|도와\s?드릴\s?수\s?없|제공(?:할|해\s?드릴)\s?수\s?없/u;

const sentencesRead = 4;

/** The sentence among the first few that declines in another language than English, or null. */
export function declinesAbroad(sentences: readonly Sentence[]): Sentence | null {
  for (const sentence of sentences.slice(0, sentencesRead)) {
    if (isEnglish(sentence)) continue;
    const text = sentence.words.slice(0, 40).join(' ').slice(0, 400);
    if (unspaced.test(text) || denials.some((denial) => denial.test(text))) return sentence;
  }
  return null;
}

const fewestWords = 4;

/** True for sentences with hardly any English grammar, which the model cannot read. */
export function isForeign(sentences: readonly Sentence[]): boolean {
  const words = sentences.slice(0, sentencesRead).flatMap((sentence) => sentence.words.slice(0, 40));
  if (words.length < fewestWords) return false;
  const grammar = words.filter((word) => functionWords.has(word)).length;
  return (
    grammar * 12 < words.length &&
    words.filter((word) => /\p{L}/u.test(word)).length * 2 > words.length &&
    !words.some((word) => wordClass(word) !== undefined)
  );
}

function isEnglish({ words }: Sentence): boolean {
  const grammar = words.filter((word) => functionWords.has(word)).length;
  return grammar >= 2 && grammar * 4 >= words.length;
}
