import { randomUUID } from 'node:crypto';

import type { TargetTest } from '../contracts/target.ts';
import { failureOfStatus } from '../domain/answer-status.ts';
import { failures, OrdealError, type FailureName } from '../domain/failures.ts';
import type { TargetAuth, TargetDefinition } from '../domain/target.ts';
import { renderTargetRequest, targetAuthHeaders, type TargetRequest } from '../domain/target-request.ts';
import { EgressAborted } from '../runtime/egress/egress-fault.ts';
import type { EgressResponse } from '../runtime/egress/egress.ts';
import { readAnswer, toStorableText } from '../runtime/read-answer.ts';
import { openSecret } from '../runtime/secret-box.ts';
import type { ApiDependencies } from './api-dependencies.ts';

export interface TargetTrial {
  readonly definition: TargetDefinition;
  readonly sealedAuth: string | null;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

const prompt = 'Hello! Please answer with one short sentence.';
const shownBodyLength = 4_096;

/** Sends one harmless prompt to a target. Whatever goes wrong with the target is part of the answer, not an error. */
export async function tryTarget(deps: ApiDependencies, trial: TargetTrial): Promise<TargetTest> {
  const seen: { request: TargetRequest | null; response: EgressResponse | null } = { request: null, response: null };
  try {
    const sessionId = trial.definition.session.source === 'client' ? `ordeal-test-${randomUUID()}` : undefined;
    seen.request = withTestHeaders(renderTargetRequest(trial.definition, { prompt, sessionId }), deps, trial);
    seen.response = await send(deps, trial, seen.request);
    const failure = failureOfStatus(seen.response.status);
    if (failure !== null) throw new OrdealError(failure, `The target answered with HTTP ${seen.response.status}.`);
    const answer = readAnswer(trial.definition, seen.response);
    const advice = adviceForAnswer(trial.definition, answer);
    return { ...describe(seen), ok: true, answer: { text: answer.text, sessionId: answer.sessionId ?? null }, problem: null, advice };
  } catch (error) {
    if (!(error instanceof OrdealError)) throw error instanceof EgressAborted ? clientLeft(error) : error;
    const { failure, message } = error;
    const problem = { failure, title: failures[failure].title, detail: message };
    return { ...describe(seen), ok: false, answer: null, problem, advice: adviceForFailure(failure, seen.response) };
  }
}

function clientLeft(cause: EgressAborted): OrdealError {
  return new OrdealError('shutting_down', 'The test was given up before the target answered.', { cause, retryAfterSeconds: 1 });
}

function withTestHeaders(request: TargetRequest, deps: ApiDependencies, trial: TargetTrial): TargetRequest {
  return { ...request, headers: { ...request.headers, 'user-agent': `Ordeal/${deps.version}`, 'x-request-id': trial.requestId } };
}

function send(deps: ApiDependencies, trial: TargetTrial, request: TargetRequest): Promise<EgressResponse> {
  const { timeoutMs } = trial.definition;
  const auth = trial.sealedAuth === null ? undefined : (JSON.parse(openSecret(deps.secretKeys, trial.sealedAuth)) as TargetAuth);
  return deps.egress.send({
    url: request.url,
    method: request.method,
    headers: { ...request.headers, ...targetAuthHeaders(auth) },
    ...(request.body === undefined ? {} : { body: request.body }),
    timeouts: { connectMs: Math.min(5_000, timeoutMs), headersMs: timeoutMs, idleMs: timeoutMs, totalMs: timeoutMs },
    signal: trial.signal,
  });
}

function describe({
  request,
  response,
}: {
  request: TargetRequest | null;
  response: EgressResponse | null;
}): Pick<TargetTest, 'request' | 'response'> {
  return {
    request: request === null ? null : { method: request.method, url: request.url, headers: request.headers, body: request.body ?? null },
    response:
      response === null
        ? null
        : {
            status: response.status,
            headers: Object.fromEntries(Object.entries(response.headers).filter(([name]) => name !== 'set-cookie')),
            body: toStorableText(Buffer.from(response.body).toString('utf8').slice(0, shownBodyLength)),
            latencyMs: response.latencyMs,
          },
  };
}

function adviceForAnswer(
  definition: TargetDefinition,
  answer: { readonly text: string; readonly sessionId: string | undefined },
): string[] {
  const advice: string[] = [];
  if (answer.text.trim() === '') advice.push('The text that was read is empty: check "answerPath".');
  if (definition.session.source === 'server' && answer.sessionId === undefined) {
    advice.push(
      `No session id was found at ${definition.session.path}: check "session.path", or scripts with several steps will not share a session.`,
    );
  }
  if (definition.session.source === 'none') advice.push('Without a session, every step of a script is a new conversation for the agent.');
  if (!definition.sidecar) advice.push('Without a sidecar, scripts that need evidence of tool calls will be inconclusive.');
  return advice;
}

const adviceByFailure: Partial<Record<FailureName, string>> = {
  egress_denied: 'Use a public address, or ask the operator to open this one with EGRESS_PRIVATE_ALLOW.',
  dns_error: 'Check the host name in "url".',
  connect_refused: 'Check host and port in "url", and that the agent is running.',
  connect_timeout: 'Check that a firewall lets this machine reach the agent.',
  tls_error: 'Check the certificate of the agent: its name, its dates and who signed it; or http instead of https.',
  headers_timeout: 'The agent took longer than "timeoutMs": raise it, or make the agent faster.',
  idle_timeout: 'The agent stopped in the middle of its answer; look at its log.',
  total_timeout: 'The agent took longer than "timeoutMs": raise it, or make the agent faster.',
  response_too_large: 'Answers may have 1 MB at most.',
  redirect_refused: 'Put the final address into "url".',
  protocol_error: 'Check that "url" leads to an HTTP server, and whether it is http or https.',
  target_rate_limited: 'Lower "concurrency", or raise the limit of the agent.',
  target_rejected: 'Something in front of the agent refuses the request: check "auth" and the rules of its firewall.',
  target_error: 'The agent failed by itself; look at its log.',
  answer_unreadable: 'Set "answerPath" to where the text stands in the answer, or to null to take the whole body.',
};

function adviceForFailure(failure: FailureName, response: EgressResponse | null): string[] {
  if (failure === 'target_config_invalid') return [adviceForStatus(response?.status)];
  return [adviceByFailure[failure] ?? 'Try again; when it stays, look at the log of the agent.'];
}

function adviceForStatus(status: number | undefined): string {
  switch (status) {
    case 401:
    case 407:
      return 'The agent wants a credential: set "auth" of the target, or check it.';
    case 404:
      return 'Check the path in "url".';
    case 405:
      return 'Check "method".';
    case 415:
      return 'Check the content-type in "headers".';
    case undefined:
      return 'Correct the definition of the target as the problem says.';
    default:
      return 'Compare "body" and "headers" with what the agent expects.';
  }
}
