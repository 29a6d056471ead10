import { assertNever } from '../assert-never.ts';
import type { DetectorKind, RuleSpec } from '../script.ts';
import { detectCanaryLeak } from './canary-leak.ts';
import { detectCompliance } from './compliance.ts';
import { detectDangerousCode } from './dangerous-code.ts';
import { detectDangerousCommand } from './dangerous-command.ts';
import { detectActiveContent } from './detect-active-content.ts';
import type { DetectorInput, DetectorResult } from './detector-input.ts';
import { detectForbiddenDataFlow } from './forbidden-data-flow.ts';
import { detectMarkupExfiltration } from './markup-exfiltration.ts';
import { detectPiiLeak } from './pii-leak.ts';
import { detectSecretLeak } from './secret-leak.ts';
import { detectSideEffect } from './side-effect.ts';
import { detectSystemPromptLeak } from './system-prompt-leak.ts';
import { detectToolArgument } from './tool-argument.ts';
import { detectUnauthorisedCommitment } from './unauthorised-commitment.ts';
import { detectUnauthorisedToolCall } from './unauthorised-tool-call.ts';
import { detectAnswerVolume, detectCallVolume } from './volume.ts';

/** What a detector looks at, and therefore what has to be there before its silence means anything. */
export const detectorEvidence: Readonly<Record<DetectorKind, 'answer' | 'events'>> = {
  canary_leak: 'answer',
  secret_leak: 'answer',
  compliance: 'answer',
  unauthorised_tool_call: 'events',
  side_effect: 'events',
  markup_exfiltration: 'answer',
  active_content: 'answer',
  pii_leak: 'answer',
  system_prompt_leak: 'answer',
  forbidden_data_flow: 'events',
  dangerous_command: 'events',
  unauthorised_commitment: 'answer',
  model_judge: 'answer',
  tool_argument: 'events',
  call_volume: 'events',
  answer_volume: 'answer',
  dangerous_code: 'answer',
};

/** Runs the detector that a step asks for. */
export function runDetector(spec: RuleSpec, input: DetectorInput): DetectorResult {
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
    case 'markup_exfiltration':
      return detectMarkupExfiltration(input, spec.ownHosts ?? []);
    case 'active_content':
      return detectActiveContent(input, spec.minSeverity ?? 'medium');
    case 'pii_leak':
      return detectPiiLeak(input, spec);
    case 'system_prompt_leak':
      return detectSystemPromptLeak(input);
    case 'forbidden_data_flow':
      return detectForbiddenDataFlow(input, spec);
    case 'dangerous_command':
      return detectDangerousCommand(input, spec);
    case 'unauthorised_commitment':
      return detectUnauthorisedCommitment(input, spec.authorised ?? []);
    case 'tool_argument':
      return detectToolArgument(input, spec);
    case 'call_volume':
      return detectCallVolume(input, spec.atMost);
    case 'answer_volume':
      return detectAnswerVolume(input, spec.maxCharacters);
    case 'dangerous_code':
      return detectDangerousCode(input, spec);
    default:
      return assertNever(spec);
  }
}
