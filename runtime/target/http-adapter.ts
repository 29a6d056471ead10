import { failureOfStatus } from '../../domain/answer-status.ts';
import { OrdealError } from '../../domain/failures.ts';
import type { HttpTargetDefinition, SessionEndpoint } from '../../domain/target.ts';
import { renderExchange, type TargetExchange } from '../../domain/target-exchange.ts';
import { sessionRequest } from '../../domain/target-request.ts';
import { EgressFault } from '../egress/egress-fault.ts';
import { readAnswer, readOpenedSession } from './read-answer.ts';
import type { TargetLine } from './target-line.ts';
import { replyOf, type TargetReply } from './target-reply.ts';

/** An exchange with an HTTP endpoint, after a session was opened where one is needed. */
export async function exchangeByHttp(line: TargetLine, definition: HttpTargetDefinition, exchange: TargetExchange): Promise<TargetReply> {
  const { session } = definition;
  const needsSession = session.source === 'endpoint' && exchange.sessionId === undefined;
  const sessionId = needsSession ? await openSession(line, session) : exchange.sessionId;
  const received = await line.say(renderExchange(definition, { ...exchange, sessionId }));
  return replyOf(received, () => {
    const answer = readAnswer(definition, received);
    return { text: answer.text, sessionId: needsSession ? sessionId : answer.sessionId, toolCalls: [] };
  });
}

async function openSession(line: TargetLine, endpoint: SessionEndpoint): Promise<string> {
  const what = 'Opening a session';
  const response = await line.ask(sessionRequest(endpoint), what);
  const failure = failureOfStatus(response.status);
  // A refusal to open a session is no defence against a prompt that was never sent.
  const shown = failure === 'target_rejected' ? 'target_config_invalid' : failure;
  if (shown !== null) {
    throw new EgressFault(shown, `${what}: the endpoint answered with HTTP status ${response.status}.`, {
      sent: false,
      status: response.status,
    });
  }
  try {
    return readOpenedSession(endpoint.path, response);
  } catch (cause) {
    if (!(cause instanceof OrdealError)) throw cause;
    throw new EgressFault(cause.failure, `${what}: ${cause.message}`, { sent: false, cause });
  }
}
