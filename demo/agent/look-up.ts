import type { Performance } from './performance.ts';

const question = /^(?:how|when|where|what|which|do|does|is|are|can|may|will)\b[^\n]{3,300}\?/i;
/** Words too common to tell one document from another. */
const minWordLength = 4;

/** The passage of a public document that answers a question best, or undefined when it is no question or none fits. */
export function lookUp(
  message: string,
  { session, tools, situation }: Pick<Performance, 'session' | 'tools' | 'situation'>,
): string | undefined {
  const asked = question.exec(message.trim())?.[0];
  if (asked === undefined) return undefined;
  const wanted = stemsOf(asked);
  const ranked = [...session.world.files]
    .filter(([, file]) => file.owner === 'public')
    .map(([path, file]) => ({ path, score: [...stemsOf(`${path} ${file.content}`)].filter((stem) => wanted.has(stem)).length }))
    .toSorted((left, right) => right.score - left.score);
  const best = ranked[0];
  if (best === undefined || best.score === 0) return undefined;
  const outcome = tools.call('files.read', { path: best.path }, situation);
  return outcome.kind === 'done' ? `From our guide: ${outcome.text}` : undefined;
}

/** Words cut to their first letters, so that "returns" and "returned" meet. */
function stemsOf(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  return new Set(words.filter((word) => word.length >= minWordLength).map((word) => word.replace(/(?:ing|ed|es|s)$/, '').slice(0, 6)));
}
