import type { ArmedCleanup } from '../db/cleanups/arm-cleanup.ts';
import type { LedgerRequest } from '../db/runs/ledger.ts';
import type { ProbeWork } from '../db/runs/hold-probe.ts';
import type { AnsweredTurn } from '../domain/attackers/attacker.ts';
import type { AttemptId } from '../domain/ids.ts';
import type { TargetSecrets } from '../domain/target.ts';
import type { Exchange } from '../domain/steps/next-move.ts';
import type { TargetExchange } from '../domain/target-exchange.ts';
import type { TargetRequest } from '../domain/target-request.ts';
import { newId } from '../runtime/new-id.ts';
import type { SecretKey } from '../runtime/secret-box.ts';
import { digestOf } from '../runtime/sha256.ts';
import { openTargetSecrets } from '../runtime/target/target-secrets.ts';
import type { ExchangeSession } from '../planning/render-content.ts';
import type { RenderedCleanup } from '../planning/render-cleanup.ts';
import { payloadHash, promptOf, renderRequest } from '../planning/render-request.ts';

export interface PreparedRequest {
  /** What the ledger keeps: everything but the credential. */
  readonly ledger: LedgerRequest;
  /** What is said to the target. */
  readonly exchange: TargetExchange;
  /** Sent beside the headers of the target. */
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: TargetSecrets | undefined;
  /** What the target is asked, without the headers that differ from attempt to attempt. */
  readonly request: TargetRequest;
  /** The planted document as it is served; `null` where there is none. */
  readonly document: string | null;
  /** What will take back what it leaves behind; `null` where nothing has to. */
  readonly cleanup: RenderedCleanup | null;
}

export interface RequestContext {
  readonly sequenceNo: number;
  readonly attemptId: AttemptId;
  readonly exchange: Exchange;
  /** What the agent is told again before it. */
  readonly history: readonly AnsweredTurn[];
  /** Where Ordeal serves the document of the step, if it does. */
  readonly documentUrl: string | undefined;
  readonly secretKeys: readonly SecretKey[];
  readonly version: string;
}

/**
 * Fills in the templates of a step and its target. Throws `target_config_invalid` or `invalid_script` when they cannot
 * be filled in; nothing has been sent then.
 */
export function prepareRequest(work: ProbeWork, context: RequestContext): PreparedRequest {
  const { exchange, attemptId } = context;
  const session = sessionOf(work, context);
  const rendered = renderRequest(work, { ...context, content: exchange.content, session });
  const { request, said, document, cleanup } = rendered;
  const { method, url, headers, body = null } = request;
  const tracing = tracingHeaders(work, context);
  const { conversationNo, exchangeNo, attemptNo } = exchange;
  const freshSession = opensSession(exchange) ? { sequenceNo: session.sequenceNo, sessionNo: session.sessionNo } : null;
  const place = { attemptId, conversationNo, exchangeNo, attemptNo, freshSession };
  return {
    ledger: {
      ...place,
      method,
      url,
      headers: { ...headers, ...tracing },
      body,
      payloadHash: payloadHash(work, rendered),
      prompt: promptOf(rendered),
      cleanup: cleanup === null ? null : toBeArmed(cleanup),
    },
    exchange: said,
    headers: tracing,
    secrets: openTargetSecrets(context.secretKeys, work.sealedAuth, work.target),
    request,
    document,
    cleanup,
  };
}

/** The cleanup as it is stored when its step is sent. */
function toBeArmed({ sessionNo, request, requestHash, isRepeatable }: RenderedCleanup): ArmedCleanup {
  return { cleanupId: newId('cleanup'), sessionNo, request, requestHash, isRepeatable };
}

/** The first request of a conversation that was begun again opens another session; its ledger row makes that the current one. */
export function sessionOf({ session }: ProbeWork, context: Pick<RequestContext, 'sequenceNo' | 'exchange'>): ExchangeSession {
  const { sequenceNo, exchange } = context;
  return opensSession(exchange)
    ? { sequenceNo, sessionNo: session.sessionNo + 1, givenId: null }
    : { sequenceNo, sessionNo: session.sessionNo, givenId: session.sessionId };
}

function opensSession({ conversationNo, exchangeNo, attemptNo }: Exchange): boolean {
  return conversationNo > 1 && exchangeNo === 1 && attemptNo === 1;
}

/** The trace id is the probe's, so that all its attempts are one trace; the parent is the attempt's. */
function tracingHeaders(work: ProbeWork, context: RequestContext): Record<string, string> {
  const { conversationNo, exchangeNo, attemptNo } = context.exchange;
  return {
    'x-request-id': context.attemptId,
    traceparent: traceParent(work.probeId, context.attemptId),
    // One effect for each thing that is said; a conversation that is begun again says it anew.
    'idempotency-key': `${work.probeId}.${conversationNo}.${exchangeNo}`,
    'x-ordeal-run-id': work.held.runId,
    'x-ordeal-probe-id': work.probeId,
    'x-ordeal-attempt': String(attemptNo),
  };
}

/** W3C trace context: the trace is that of all requests of a probe, or of a cleanup; the parent is the attempt. */
export function traceParent(traced: string, attemptId: string): string {
  return `00-${digestOf('trace', traced).slice(0, 32)}-${digestOf('span', attemptId).slice(0, 16)}-01`;
}
