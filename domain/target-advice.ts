import type { FailureName } from './failures.ts';
import type { JsonValue, TargetDefinition } from './target.ts';
import { sessionNamedBy } from './target-exchange.ts';
import { nearestTextPaths } from './text-paths.ts';

/** What a trial of a target brought that was no answer. */
export interface FailedTrial {
  readonly failure: FailureName;
  /** HTTP status, when the target answered at all. */
  readonly status: number | undefined;
  /** What the target answered, where that is JSON. */
  readonly document: JsonValue | undefined;
  readonly hasAuth: boolean;
}

/** What to change so that a target that failed its trial works: the most likely first. */
export function adviceForFailure(definition: TargetDefinition, trial: FailedTrial): readonly string[] {
  const byAnswer = trial.failure === 'answer_unreadable' ? adviceForPaths(definition, trial.document) : [];
  if (byAnswer.length > 0) return byAnswer;
  if (trial.failure === 'target_config_invalid' || trial.failure === 'target_rejected') return [adviceForStatus(definition, trial)];
  return [adviceByFailure[trial.failure] ?? 'Try again; when it stays, look at the log of the agent.'];
}

/** What to change although the target answered. */
export function adviceForAnswer(
  definition: TargetDefinition,
  answer: { readonly text: string; readonly sessionId: string | undefined; readonly document: JsonValue | undefined },
): readonly string[] {
  const advice: string[] = [];
  if (answer.text.trim() === '') {
    const where = adviceForPaths(definition, answer.document);
    advice.push('The text that was read is empty: probes would be inconclusive.', ...where);
  }
  if (sessionNamedBy(definition) === 'server' && answer.sessionId === undefined && definition.kind !== 'mcp') {
    const path = definition.kind === 'http' && definition.session.source === 'server' ? ` at ${definition.session.path}` : '';
    advice.push(`No session id was found${path}: check "session.path", or scripts with several steps will not share a session.`);
  }
  if (definition.kind === 'http' && definition.session.source === 'none' && definition.stateful) {
    advice.push(
      'Without a session, every step of a script is a new conversation for the agent: set "session", or "stateful": false with "{{messages}}".',
    );
  }
  if (definition.kind === 'mcp' && definition.promptTool === undefined) {
    advice.push('Set "promptTool" to the tool that takes prompts, or use steps that call its tools.');
  }
  if (!definition.sidecar && !(definition.kind === 'openai' && definition.tools.length > 0)) {
    advice.push('Without a sidecar, scripts that need evidence of tool calls will be inconclusive.');
  }
  return advice;
}

const maxPaths = 3;
const maxShownText = 60;

function adviceForPaths(definition: TargetDefinition, document: JsonValue | undefined): readonly string[] {
  if (definition.kind !== 'http' || definition.answerPath === null || document === undefined) return [];
  const paths = nearestTextPaths(document, definition.answerPath, maxPaths);
  if (paths.length === 0) return ['The answer has no text anywhere. Compare "body" with what the agent expects.'];
  const shown = paths.map(({ path, text }) => `${path} (${JSON.stringify(text.slice(0, maxShownText))})`);
  return [`Set "answerPath" to where the text stands. It may be ${shown.join(' or ')}.`];
}

const adviceByFailure: Partial<Record<FailureName, string>> = {
  egress_denied: 'Use a public address, or ask the operator to open this one with EGRESS_PRIVATE_ALLOW.',
  dns_error: 'Check the host name in "url": is it spelt right, and known outside of your network?',
  connect_refused: 'Check host and port in "url", and that the agent is running.',
  connect_timeout: 'Check that a firewall lets this machine reach the agent.',
  tls_error:
    'Check the certificate of the agent: its name ("tls.servername"), its dates, and who signed it ("tls.ca" for an authority of your own). An agent may also want "clientCertificate".',
  connection_lost: 'The agent closed the connection: look at its log, and check whether "url" must be http or https.',
  headers_timeout: 'The agent took longer than "timeoutMs": raise it, or make the agent faster.',
  idle_timeout: 'The agent stopped in the middle of its answer; look at its log.',
  total_timeout: 'The agent took longer than "timeoutMs": raise it, or make the agent faster.',
  response_too_large: 'Answers may have 1 MB at most.',
  bad_encoding: 'Let the agent answer without compression, or with gzip, deflate or br alone.',
  redirect_refused: 'Put the final address into "url".',
  protocol_error: 'Check that "url" leads to an HTTP server, and whether it is http or https.',
  target_rate_limited: 'Lower "concurrency", or raise the limit of the agent.',
  target_error: 'The agent failed by itself; look at its log.',
  target_token_expired: 'Try again: a new access token is asked for.',
  answer_unreadable: 'Set "answerPath" to where the text stands in the answer, or to null to take the whole body.',
};

function adviceForStatus({ kind }: TargetDefinition, { status, hasAuth }: FailedTrial): string {
  switch (status) {
    case 401:
    case 407:
      return hasAuth
        ? 'The agent does not take the credential in "auth": check its kind and value, and whether it has expired.'
        : 'The agent wants a credential: set "auth" of the target.';
    case 403:
    case 451:
      return 'Something refuses the request: check the rights of the credential in "auth", and the rules of the firewall before the agent.';
    case 404:
      return kind === 'openai'
        ? 'Check "url": it is the base to which /chat/completions is added, and usually ends in /v1. The model may be unknown, too.'
        : 'Check the path in "url".';
    case 405:
      return 'Check "method".';
    case 413:
      return 'The agent takes less than was sent: raise its limit, or shorten "body".';
    case 415:
      return 'Check the content-type in "headers".';
    case undefined:
      return 'Correct the definition of the target as the problem says.';
    default:
      return 'Compare "body" and "headers" with what the agent expects; its answer often says what is missing.';
  }
}
