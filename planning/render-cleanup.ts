import type { ArmedCleanup } from '../db/cleanups/arm-cleanup.ts';
import type { ProbeWork } from '../db/runs/hold-probe.ts';
import { cleanupOf, isRepeatable } from '../domain/cleanup/cleanup.ts';
import type { PromptSession } from '../domain/prompt-rendering.ts';
import { renderOwnRequest } from '../domain/steps/render-request.ts';
import { renderExchange, type TargetExchange } from '../domain/target-exchange.ts';
import { canonicalJson } from '../runtime/canonical-json.ts';
import { sha256Hex } from '../runtime/sha256.ts';
import { variablesOf, type RenderedProbe } from './render-content.ts';

/** What a cleanup is rendered from: the same when its step is sent, and when the run cleans up. */
export type CleanupSubject = RenderedProbe & Pick<ProbeWork, 'probeId' | 'target' | 'targetId'>;

export interface RenderedCleanup extends Omit<ArmedCleanup, 'cleanupId'> {
  readonly exchange: TargetExchange;
}

/**
 * The cleanup of a step with its variables filled in, without the credential; `null` where the step has none. Throws
 * `target_config_invalid` or `invalid_script` when it cannot be rendered.
 */
export function renderCleanup(subject: CleanupSubject, session: PromptSession): RenderedCleanup | null {
  const spec = cleanupOf(subject.step);
  if (spec === undefined) return null;
  const variables = { ...variablesOf(subject, session), run: subject.held.runId, probe: subject.probeId };
  const exchange = { content: { ...renderOwnRequest(spec, variables), expectStatus: spec.expectStatus ?? [] } };
  const request = renderExchange(subject.target, exchange);
  return {
    sessionNo: session.sessionNo,
    exchange,
    request,
    requestHash: sha256Hex(canonicalJson({ target: subject.targetId, request })),
    isRepeatable: isRepeatable(spec),
  };
}
