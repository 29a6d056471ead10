/**
 * A piece of a prompt on its way through strategies.
 *
 * - `prose`: may be rewritten, disguised or encoded.
 * - `exact`: may be encoded by what gives every byte back, and is otherwise left alone: a payload that another strategy encoded.
 * - `kept`: stands in what is sent as it is. The values of a prompt's variables are kept: the halves of a canary above all,
 *   because an oracle that looks for the joined canary must not depend on how well an agent decodes.
 */
export interface PromptPart {
  readonly kind: 'prose' | 'exact' | 'kept';
  readonly text: string;
}

/** The whole text of these parts. */
export function textOf(parts: readonly PromptPart[]): string {
  return parts.map((part) => part.text).join('');
}

export function prose(text: string): PromptPart {
  return { kind: 'prose', text };
}

/** Rewrites prose and leaves the rest alone. */
export function mapProse(parts: readonly PromptPart[], rewrite: (text: string) => string): readonly PromptPart[] {
  return parts.map((part) => (part.kind === 'prose' ? prose(rewrite(part.text)) : part));
}
