import { seededChoices, type SeededChoices } from '../strategies/seeded-choices.ts';
import { fillSlots } from './frame-slots.ts';
import { paraphrase, type AnalysedPrompt } from './paraphrase.ts';
import { plainStyle, type Style, type StyleFrame } from './style.ts';

/** Raised with every change by which a seed gives other bytes. */
export const engineVersion = 1;

export interface GeneratedPrompt {
  /** A template: every variable of the source is in it. */
  readonly prompt: string;
  /** What it was made from: the seed that was asked for and the number of the draw. */
  readonly seed: string;
}

export interface GenerationOrder {
  readonly style: Style;
  readonly seed: string;
  readonly count: number;
  /** Whether a prompt is known already; such a one is not made again. */
  readonly isKnown: (prompt: string) => boolean;
}

/** Draws that may come out as something known before the number of the draw is written into the prompt. */
const maxRepeats = 40;

/**
 * `count` different prompts for the same goal in one style, none of them known and none as the author wrote it. The same
 * source, style and seed give the same bytes on every machine, and a larger count begins with those of a smaller one.
 */
export function generatePrompts(source: AnalysedPrompt, { style, seed, count, isKnown }: GenerationOrder): readonly GeneratedPrompt[] {
  const made = new Map<string, GeneratedPrompt>();
  let repeats = 0;
  for (let draw = 1; made.size < count; draw += 1) {
    const drawSeed = `${seed}#${draw}`;
    const drawn = drawPrompt(source, style, seededChoices(`${style.id}/${drawSeed}`));
    const prompt = repeats > maxRepeats ? `${drawn}\n\n(Message ${draw})` : drawn;
    if (prompt === source.text || made.has(prompt) || isKnown(prompt)) repeats += 1;
    else made.set(prompt, { prompt, seed: drawSeed });
  }
  return [...made.values()];
}

function drawPrompt(source: AnalysedPrompt, style: Style, choices: SeededChoices): string {
  const words = paraphrase(source, choices);
  const isBare = style.id === plainStyle && source.sites.length > 0 && choices.below(2) === 0;
  return isBare ? words : framed(words, style.frame, choices);
}

/** How the pieces of a frame stand around the prompt: `before` and `after` are paragraphs of their own. */
const layouts: readonly [Layout, ...Layout[]] = [
  { before: ['openings', 'reasons', 'bridges'], after: ['closings'] },
  { before: ['openings', 'bridges'], after: ['reasons', 'closings'] },
  { before: ['openings', 'reasons', 'bridges'], after: [] },
  { before: ['reasons', 'bridges'], after: ['closings'] },
  { before: ['openings', 'bridges'], after: ['closings'] },
];

interface Layout {
  readonly before: readonly (keyof StyleFrame)[];
  readonly after: readonly (keyof StyleFrame)[];
}

function framed(prompt: string, frame: StyleFrame, choices: SeededChoices): string {
  const layout = choices.pick(layouts);
  const sentences = (pieces: readonly (keyof StyleFrame)[]) => pieces.map((piece) => choices.pick(frame[piece])).join(' ');
  const before = sentences(layout.before);
  const after = sentences(layout.after);
  // One pass over both, so that a slot has one value in the whole message. The prompt itself is never searched for slots.
  const [head = '', tail = ''] = fillSlots(`${before}\0${after}`, choices).split('\0');
  return [capitalised(head), prompt.trim(), capitalised(tail)].filter((part) => part !== '').join('\n\n');
}

/** Sentences may begin with a slot whose value is in lower case. */
function capitalised(text: string): string {
  return text.replace(/(^|[.!?] )([a-z])/g, (_, mark: string, letter: string) => mark + letter.toUpperCase());
}
