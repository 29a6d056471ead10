const commonWords = new Set(
  'the a an and or of to in is are was were be been it this that for on with as at by from we you i he she they not no will would can could has have had if so than then there their our your my its'.split(
    ' ',
  ),
);

/** The one or two sentences of a text that share most words with the rest of it, in their order. */
export function summarise(text: string): string {
  const sentences = text
    .split(/(?<=[.!?])\s+|\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence.length > 1);
  if (sentences.length <= 2) return sentences.join(' ');
  const counts = new Map<string, number>();
  for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const ranked = sentences.map((sentence, index) => {
    const words = wordsOf(sentence);
    const weight = words.reduce((sum, word) => sum + (counts.get(word) ?? 0), 0);
    // The opening sentence usually says what a text is about.
    return { sentence, index, score: weight / (words.length + 3) + (index === 0 ? 0.5 : 0) };
  });
  const best = ranked.toSorted((left, right) => right.score - left.score).slice(0, 2);
  return best
    .toSorted((left, right) => left.index - right.index)
    .map(({ sentence }) => sentence)
    .join(' ');
}

function wordsOf(text: string): readonly string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !commonWords.has(word));
}
