import type { AnsweredTurn } from '../domain/attackers/attacker.ts';
import type { StepContent } from '../domain/steps/step-content.ts';
import { renderExchange, sessionNamedBy, type TargetExchange } from '../domain/target-exchange.ts';
import type { ChatTurn, TargetRequest } from '../domain/target-request.ts';
import { canonicalJson } from '../runtime/canonical-json.ts';
import { sha256Hex } from '../runtime/sha256.ts';
import { renderCleanup, type CleanupSubject, type RenderedCleanup } from './render-cleanup.ts';
import { clientSessionId, renderContent, renderDocument, type ExchangeSession } from './render-content.ts';

/** A probe, and the target that it is for. */
export type SendableProbe = CleanupSubject;

export interface ExchangeToRender {
  readonly content: StepContent;
  readonly session: ExchangeSession;
  /** What the agent is told again before it. */
  readonly history: readonly AnsweredTurn[];
  /** Where Ordeal serves the document of the step, if it does. */
  readonly documentUrl: string | undefined;
}

export interface RenderedRequest {
  /** What is said to the target. */
  readonly said: TargetExchange;
  /** What the target is asked, without the headers that differ from attempt to attempt. */
  readonly request: TargetRequest;
  /** The planted document as it is served; `null` where there is none. */
  readonly document: string | null;
  /** What takes back what it leaves behind; `null` where nothing has to. */
  readonly cleanup: RenderedCleanup | null;
}

/**
 * The request of an exchange: what a run sends, and what a preview of its plan shows. Throws `target_config_invalid` or
 * `invalid_script` when its templates cannot be filled in.
 */
export function renderRequest(probe: SendableProbe, exchange: ExchangeToRender): RenderedRequest {
  const { session, documentUrl } = exchange;
  const content = renderContent(probe, exchange.content, { session, history: exchange.history.flatMap(chatTurnsOf), documentUrl });
  const said: TargetExchange = { content, sessionId: sessionIdOf(probe, session) };
  const document = documentUrl === undefined ? null : renderServedDocument(probe, session);
  return { said, request: renderExchange(probe.target, said), document, cleanup: renderCleanup(probe, session) };
}

/** What the agent is told in words, as it reads in the body; `null` where it is told nothing so. */
export function promptOf({ said: { content } }: RenderedRequest): string | null {
  return content.kind === 'prompt' ? content.prompt : null;
}

/**
 * What an approval is bound to: SHA-256 over everything that is sent to the target and planted for it, and sent again to clean
 * up. Not in it are the credential, which nobody is shown, and what differs from attempt to attempt.
 */
export function payloadHash(probe: SendableProbe, { request, said, document, cleanup }: RenderedRequest): string {
  const later = cleanup === null ? {} : { cleanup: cleanup.request };
  return sha256Hex(canonicalJson({ target: probe.targetId, protocol: probe.target.kind, request, said, document, ...later }));
}

function renderServedDocument(probe: SendableProbe, session: ExchangeSession): string | null {
  return probe.step.kind === 'plant_document' ? renderDocument(probe, probe.step.document.content, session) : null;
}

function chatTurnsOf({ prompt, answer }: AnsweredTurn): readonly ChatTurn[] {
  return [
    { role: 'user', text: prompt },
    { role: 'assistant', text: answer },
  ];
}

function sessionIdOf(probe: SendableProbe, session: ExchangeSession): string | undefined {
  switch (sessionNamedBy(probe.target)) {
    case 'client':
      return clientSessionId(probe, session);
    case 'server':
      return session.givenId ?? undefined;
    case 'none':
      return undefined;
  }
}
