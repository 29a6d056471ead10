import { z } from 'zod';

import { OrdealError } from '../../domain/failures.ts';
import { isJsonTooDeep } from '../../domain/json-depth.ts';
import { toStorableText } from '../target/read-answer.ts';

export interface Completion {
  readonly text: string;
  /** The name that the answer gives itself. */
  readonly servedModel: string | null;
  /** What the server says it used; `null` when it says nothing. */
  readonly tokens: { readonly tokensIn: number; readonly tokensOut: number } | null;
  /** Why the text must not be relied on, or `null`. */
  readonly problem: string | null;
}

const maxTextCharacters = 200_000;
const tokenCount = z.number().int().min(0).max(1_000_000_000);

const completionSchema = z.object({
  model: z.string().max(200).nullish(),
  choices: z.array(z.object({ message: z.object({ content: z.string().nullish() }), finish_reason: z.string().nullish() })).min(1),
});
const usageSchema = z.object({ usage: z.object({ prompt_tokens: tokenCount, completion_tokens: tokenCount }) });

/** Reads the body of a chat completion; throws `model_answer_invalid` when it is none. No text of it gets into an error. */
export function readCompletion(body: Uint8Array): Completion {
  const document = parseJson(new TextDecoder().decode(body));
  const completion = completionSchema.safeParse(document).data;
  const choice = completion?.choices[0];
  if (completion === undefined || choice === undefined) throw new OrdealError('model_answer_invalid', 'The answer is no chat completion.');
  const text = toStorableText(choice.message.content ?? '');
  const usage = usageSchema.safeParse(document).data?.usage;
  return {
    text,
    servedModel: completion.model ?? null,
    tokens: usage === undefined ? null : { tokensIn: usage.prompt_tokens, tokensOut: usage.completion_tokens },
    problem: findProblem(text, choice.finish_reason ?? null),
  };
}

function findProblem(text: string, finishReason: string | null): string | null {
  if (finishReason === 'length') return 'The answer was cut at its token limit.';
  if (finishReason === 'content_filter') return 'The provider filtered the answer.';
  if (text.trim() === '') return 'The answer is empty.';
  return text.length > maxTextCharacters ? `The answer has more than ${maxTextCharacters} characters.` : null;
}

function parseJson(text: string): unknown {
  if (isJsonTooDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
