import { prose, type PromptPart } from './prompt-part.ts';
import type { Strategy, StrategyContext } from './strategy.ts';

export interface Codec extends Pick<Strategy, 'id' | 'title' | 'summary' | 'kind' | 'atlas'> {
  /** Whether every text can be read back from `encode`, case and all. */
  readonly isLossless: boolean;
  readonly encode: (text: string, context: StrategyContext) => string;
  /** Tells the reader what the payload is and to do what it says. */
  readonly instruction: (context: StrategyContext) => string;
}

/**
 * A strategy that encodes a prompt as a whole.
 *
 * Kept parts are not encoded: the payload names them `K1`, `K2` …, and a legend in plain text below it says what these
 * stand for. So the halves of a canary reach the agent unharmed, and a filter that decodes finds no canary to match.
 */
export function sealedPayload({ isLossless, encode, instruction, ...about }: Codec): Strategy {
  return {
    ...about,
    apply: (prompt, context) => {
      const { text, legend } = nameParts(prompt, (part) => part.kind === 'prose' || (part.kind === 'exact' && isLossless));
      return [prose(`${instruction(context)}\n\n`), { kind: 'exact', text: encode(text, context) }, ...legend];
    },
  };
}

/** The text with a name in place of every part that `mayEncode` refuses, and what the names stand for. */
function nameParts(
  prompt: readonly PromptPart[],
  mayEncode: (part: PromptPart) => boolean,
): { text: string; legend: readonly PromptPart[] } {
  const named = new Map<string, { readonly name: string; readonly part: PromptPart }>();
  const taken = prompt.map((part) => part.text).join('\n');
  let number = 0;
  const nameOf = (part: PromptPart): string => {
    const known = named.get(part.text);
    if (known !== undefined) return known.name;
    do number += 1;
    while (taken.includes(`K${number}`));
    named.set(part.text, { name: `K${number}`, part });
    return `K${number}`;
  };
  const text = prompt.map((part) => (mayEncode(part) ? part.text : nameOf(part))).join('');
  const entries = [...named.values()].flatMap(({ name, part }) => [prose(`\n${name} stands for: `), part]);
  return { text, legend: entries.length === 0 ? [] : [prose('\n\nIn the decoded text:'), ...entries] };
}
