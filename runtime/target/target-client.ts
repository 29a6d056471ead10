import { assertNever } from '../../domain/assert-never.ts';
import type { TargetDefinition, TargetSecrets } from '../../domain/target.ts';
import { renderExchange, type TargetExchange } from '../../domain/target-exchange.ts';
import type { Egress } from '../egress/egress.ts';
import { exchangeByA2a } from './a2a-adapter.ts';
import { exchangeByHttp } from './http-adapter.ts';
import { exchangeByMcp } from './mcp-adapter.ts';
import { OAuthTokens } from './oauth-tokens.ts';
import { exchangeByOpenAi } from './openai-adapter.ts';
import { decodeAnswer, toStorableText } from './read-answer.ts';
import { TargetLine, type LineOptions } from './target-line.ts';
import { replyOf, type TargetReply } from './target-reply.ts';

export interface ExchangeOptions extends Omit<LineOptions, 'egress' | 'tokens'> {
  readonly definition: TargetDefinition;
  readonly exchange: TargetExchange;
  readonly secrets: TargetSecrets | undefined;
}

/** The one way to talk to a target, whatever its kind. One per process. */
export interface TargetClient {
  /**
   * Says one thing to a target and reads what it answers. Rejects with `EgressFault`, whose `sent` tells whether the
   * request that carries the exchange may have left, with `EgressAborted` for the signal, with `target_config_invalid`
   * when nothing can be sent at all, or with what `onSending` threw.
   */
  exchange(options: ExchangeOptions): Promise<TargetReply>;
}

export function createTargetClient(egress: Egress): TargetClient {
  const tokens = new OAuthTokens(egress);
  return {
    exchange: (options) => exchangeOver(new TargetLine({ ...options, egress, tokens }), options.definition, options.exchange),
  };
}

async function exchangeOver(line: TargetLine, definition: TargetDefinition, exchange: TargetExchange): Promise<TargetReply> {
  if (exchange.content.kind === 'request') {
    const received = await line.say(renderExchange(definition, exchange));
    const read = () => ({ text: toStorableText(decodeAnswer(received)), sessionId: undefined, toolCalls: [] });
    return replyOf(received, read, exchange.content.expectStatus);
  }
  switch (definition.kind) {
    case 'http':
      return exchangeByHttp(line, definition, exchange);
    case 'openai':
      return exchangeByOpenAi(line, definition, exchange);
    case 'mcp':
      return exchangeByMcp(line, definition, exchange);
    case 'a2a':
      return exchangeByA2a(line, definition, exchange);
    default:
      return assertNever(definition);
  }
}
