import { createParser } from 'eventsource-parser';

import { readChatCompletion, readChatCompletionChunks, type ChatCompletion } from '../../domain/chat-completion-answer.ts';
import { OrdealError } from '../../domain/failures.ts';
import type { OpenAiTargetDefinition } from '../../domain/target.ts';
import { renderExchange, type TargetExchange } from '../../domain/target-exchange.ts';
import type { EgressResponse } from '../egress/egress.ts';
import { decodeAnswer, parseAnswer, toStorableJson, toStorableText } from './read-answer.ts';
import type { TargetLine } from './target-line.ts';
import { replyOf, type TargetReply } from './target-reply.ts';

/** Each piece of a stream wraps a few letters in some 300 bytes of JSON. */
const maxStreamBytes = 4_194_304;
const maxTextLength = 1_048_576;

/** One chat completion. */
export async function exchangeByOpenAi(
  line: TargetLine,
  definition: OpenAiTargetDefinition,
  exchange: TargetExchange,
): Promise<TargetReply> {
  const received = await line.say(renderExchange(definition, exchange), definition.stream ? { maxBodyBytes: maxStreamBytes } : {});
  if (isContentFilter(received)) {
    const reply = replyOf(received, () => ({ text: '', sessionId: undefined, toolCalls: [] }));
    return reply.kind === 'unusable' ? { ...reply, failure: 'target_rejected', detail: 'A content filter refused the prompt.' } : reply;
  }
  return replyOf(received, () => {
    const { text, toolCalls } = readCompletion(received);
    if (text.length > maxTextLength) throw new OrdealError('response_too_large', `The answer has more than ${maxTextLength} characters.`);
    return { text: toStorableText(text), sessionId: undefined, toolCalls: toStorableJson(toolCalls) };
  });
}

/** By what came, not by what was asked for: some servers do not stream. */
function readCompletion(received: EgressResponse): ChatCompletion {
  if (!/^text\/event-stream\b/i.test(received.headers['content-type'] ?? ''))
    return readChatCompletion(parseAnswer(decodeAnswer(received)));
  const chunks: unknown[] = [];
  let isDone = false;
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data.trim() === '[DONE]') isDone = true;
      else chunks.push(parseAnswer(data));
    },
  });
  parser.feed(new TextDecoder().decode(received.body));
  return readChatCompletionChunks(chunks, isDone);
}

/** A status of 400 with this code is a defence that refused the prompt, not a request that is wrong. */
function isContentFilter({ status, body }: EgressResponse): boolean {
  return status === 400 && /"code"\s*:\s*"content_(?:filter|policy_violation)"/.test(Buffer.from(body).toString('utf8'));
}
