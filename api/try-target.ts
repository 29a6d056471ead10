import { randomUUID } from 'node:crypto';

import type { TargetTest } from '../contracts/target.ts';
import { withOrg, type OrgTransaction } from '../db/with-org.ts';
import { failures, OrdealError, type FailureName } from '../domain/failures.ts';
import type { OrgId } from '../domain/ids.ts';
import { adviceForAnswer, adviceForFailure } from '../domain/target-advice.ts';
import { renderExchange, sessionNamedBy, type TargetExchange } from '../domain/target-exchange.ts';
import { withCredential, type TargetRequest } from '../domain/target-request.ts';
import type { JsonValue, TargetDefinition, TargetSecrets } from '../domain/target.ts';
import { requireNoHalt } from '../planning/require-start.ts';
import { EgressAborted, EgressFault } from '../runtime/egress/egress-fault.ts';
import { decodeAnswer, parseAnswer, toStorableText } from '../runtime/target/read-answer.ts';
import type { TargetReply, TargetResponse } from '../runtime/target/target-reply.ts';
import type { ApiDependencies } from './api-dependencies.ts';
import { unlessHalted } from './unless-halted.ts';

export interface TargetTrial {
  readonly orgId: OrgId;
  readonly definition: TargetDefinition;
  /** Opens what is secret of the target; what it throws is part of the result. */
  readonly secrets: () => TargetSecrets | undefined;
  /** Whose access token is used. */
  readonly owner: string;
  /** Throws when the guard does not allow the trial any more; asked right before the prompt is sent. */
  readonly requireAllowed: (tx: OrgTransaction) => Promise<void>;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

/** The longest timeout that a target may have, and time to record that it was tried. */
export const longestTestMs = 125_000;

const prompt = 'Hello! Please answer with one short sentence.';
const shownBodyLength = 4_096;

/** What a trial has come by, also when it broke off in the middle. */
interface Seen {
  secrets?: TargetSecrets | undefined;
  request?: TargetRequest;
  response?: TargetResponse;
  status?: number | undefined;
  /** What kept Ordeal itself from sending the prompt: no fault of the target. */
  refusal?: unknown;
}

/**
 * Sends one harmless prompt to a target and tells what was sent, what came back, what was read, and what to change. Throws
 * what `requireAllowed` throws, and `halted`.
 *
 * The first byte of the prompt leaves after a transaction that holds what an emergency stop waits for, as the ledger of a run
 * does; requests around it (a session, a token) and what is in flight end when an emergency stop is seen, within a second.
 */
export async function tryTarget(deps: ApiDependencies, trial: TargetTrial): Promise<TargetTest> {
  const seen: Seen = {};
  try {
    const reply = await unlessHalted(deps.database, trial, (signal) => send(deps, { ...trial, signal }, seen));
    seen.response = reply.response;
    if (reply.kind === 'unusable') return describeFailure(trial, seen, { failure: reply.failure, detail: reply.detail });
    const { text, sessionId, toolCalls } = reply;
    return {
      ...describe(seen),
      ok: true,
      answer: {
        text: hiderOf(seen.secrets)(text).slice(0, shownBodyLength),
        sessionId: sessionId ?? null,
        toolCalls: toolCalls.map(({ name }) => name),
      },
      problem: null,
      advice: [...adviceForAnswer(trial.definition, { text, sessionId, document: documentOf(seen.response) })],
    };
  } catch (error) {
    if (error instanceof EgressAborted) throw error.reason instanceof OrdealError ? error.reason : clientLeft(error);
    if (!(error instanceof OrdealError) || error === seen.refusal) throw error;
    // A request before the one that carries the prompt has its status in its fault alone.
    seen.status = error instanceof EgressFault ? error.status : undefined;
    return describeFailure(trial, seen, { failure: error.failure, detail: error.message });
  }
}

async function send(
  deps: ApiDependencies,
  { orgId, definition, secrets, owner, requireAllowed, requestId, signal }: TargetTrial,
  seen: Seen,
): Promise<TargetReply> {
  const sessionId = sessionNamedBy(definition) === 'client' ? `ordeal-test-${randomUUID()}` : undefined;
  const listsTools = definition.kind === 'mcp' && definition.promptTool === undefined;
  const exchange: TargetExchange = { content: listsTools ? { kind: 'tool_list' } : { kind: 'prompt', prompt, history: [] }, sessionId };
  seen.request = renderExchange(definition, exchange);
  seen.secrets = secrets();
  return deps.targets.exchange({
    definition,
    exchange,
    secrets: seen.secrets,
    owner,
    userAgent: `Ordeal/${deps.version}`,
    headers: { 'x-request-id': requestId },
    signal,
    onSending: async (request) => {
      seen.request = request;
      await withOrg(deps.database, orgId, async (tx) => {
        await requireAllowed(tx);
        await requireNoHalt(tx, orgId);
      }).catch((error: unknown) => {
        seen.refusal = error;
        throw error;
      });
    },
  });
}

function clientLeft(cause: EgressAborted): OrdealError {
  return new OrdealError('shutting_down', 'The test was given up before the target answered.', { cause, retryAfterSeconds: 1 });
}

function describeFailure(
  { definition }: TargetTrial,
  seen: Seen,
  { failure, detail }: { readonly failure: FailureName; readonly detail: string },
): TargetTest {
  const status = seen.response?.status ?? seen.status;
  const document = documentOf(seen.response);
  const advice = adviceForFailure(definition, { failure, status, document, hasAuth: seen.secrets?.auth !== undefined });
  return { ...describe(seen), ok: false, answer: null, problem: { failure, title: failures[failure].title, detail }, advice: [...advice] };
}

function describe({ request, response, secrets }: Seen): Pick<TargetTest, 'request' | 'response'> {
  const hide = hiderOf(secrets);
  return {
    request: request === undefined ? null : shownRequest(withMask(request, secrets)),
    response:
      response === undefined
        ? null
        : {
            status: response.status,
            headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, hide(value)])),
            body: hide(toStorableText(Buffer.from(response.body).toString('utf8'))).slice(0, shownBodyLength),
            latencyMs: response.latencyMs,
          },
  };
}

function shownRequest({ method, url, headers, body }: TargetRequest): TargetTest['request'] {
  return { method, url, headers: { ...headers }, body: body === undefined ? null : body.slice(0, shownBodyLength) };
}

const mask = '****';

/** The request with the place of its credential, and not the credential. */
function withMask(request: TargetRequest, secrets: TargetSecrets | undefined): TargetRequest {
  const auth = secrets?.auth;
  switch (auth?.kind) {
    case undefined:
      return request;
    case 'basic':
      return { ...request, headers: { ...request.headers, authorization: `Basic ${mask}` } };
    case 'api_key':
      return withCredential(request, { ...auth, value: mask });
    case 'bearer':
    case 'oauth_client_credentials':
      return withCredential(request, { kind: 'bearer', token: mask });
  }
}

/** An agent that repeats what it was sent must not show the credential either. */
function hiderOf(secrets: TargetSecrets | undefined): (text: string) => string {
  const values = secretValues(secrets).filter((value) => value.length >= 4);
  return (text) => values.reduce((shown, value) => shown.replaceAll(value, mask), text.replace(/(\bBearer\s+)[\w.~+/=-]+/gi, `$1${mask}`));
}

function secretValues(secrets: TargetSecrets | undefined): readonly string[] {
  const auth = secrets?.auth;
  switch (auth?.kind) {
    case undefined:
      return [];
    case 'basic':
      return [auth.password, Buffer.from(`${auth.username}:${auth.password}`).toString('base64')];
    case 'api_key':
      return [auth.value, encodeURIComponent(auth.value)];
    case 'bearer':
      return [auth.token];
    case 'oauth_client_credentials':
      return [auth.clientSecret];
  }
}

function documentOf(response: TargetResponse | undefined): JsonValue | undefined {
  if (response === undefined) return undefined;
  try {
    return parseAnswer(decodeAnswer(response));
  } catch {
    return undefined;
  }
}
