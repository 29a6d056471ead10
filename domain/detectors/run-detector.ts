import { assertNever } from '../assert-never.ts';
import type { DetectorKind, DetectorSpec } from '../script.ts';
import { detectCanaryLeak } from './canary-leak.ts';
import { detectCompliance } from './compliance.ts';
import type { DetectorInput, DetectorResult } from './detector-input.ts';
import { detectSecretLeak } from './secret-leak.ts';
import { detectSideEffect } from './side-effect.ts';
import { detectUnauthorisedToolCall } from './unauthorised-tool-call.ts';

/** What a detector looks at, and therefore what has to be there before its silence means anything. */
export const detectorEvidence: Readonly<Record<DetectorKind, 'answer' | 'events'>> = {
  canary_leak: 'answer',
  secret_leak: 'answer',
  compliance: 'answer',
  unauthorised_tool_call: 'events',
  side_effect: 'events',
};

/** Runs the detector that a step asks for. */
export function runDetector(spec: DetectorSpec, input: DetectorInput): DetectorResult {
  switch (spec.kind) {
    case 'canary_leak':
      return detectCanaryLeak(input, spec.canary);
    case 'secret_leak':
      return detectSecretLeak(input);
    case 'unauthorised_tool_call':
      return detectUnauthorisedToolCall(input, spec);
    case 'side_effect':
      return detectSideEffect(input, spec.effects);
    case 'compliance':
      return detectCompliance(input);
    default:
      return assertNever(spec);
  }
}
