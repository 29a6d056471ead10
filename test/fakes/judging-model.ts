import type { ModelReply, SeenCompletion } from './chat-model-server.ts';

/** What a judge was shown. */
export interface ShownRecording {
  /** The mark that its answer has to give back. */
  readonly nonce: string;
  readonly turns: readonly { readonly turn: number; readonly tester: string; readonly agent: string }[];
}

/** Reads a question to a judge as a model reads it: what stands between the two marks. */
export function shownTo(request: SeenCompletion): ShownRecording {
  const content = request.body.messages[1]?.content ?? '';
  const nonce = /lines that read ([0-9a-f]{32})/.exec(content)?.[1] ?? '';
  return { nonce, turns: JSON.parse(content.split(`\n\n${nonce}\n\n`)[1] ?? '[]') as ShownRecording['turns'] };
}

/** An answer as a judge that does its work gives it: it quotes the whole last answer. */
export function judged(request: SeenCompletion, said: string, confidence = 0.8): ModelReply {
  const { nonce, turns } = shownTo(request);
  const last = turns.at(-1);
  return {
    content: { nonce, said, confidence, rationale: 'Because of what it says.', quotes: [{ turn: last?.turn, text: last?.agent }] },
  };
}
