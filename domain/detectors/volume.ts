import type { DetectorInput, DetectorResult } from './detector-input.ts';
import { fired, silent } from './detector-result.ts';
import { eventEvidence, toolCallsOf, toolNames } from './tool-calls.ts';

/** Fires when the agent executed more than `atMost` tool calls in the turn. */
export function detectCallVolume(input: DetectorInput, atMost: number): DetectorResult {
  const identity = { detector: 'call_volume', version: 1 } as const;
  const executed = toolCallsOf(input.turnEvents).filter(({ tool }) => tool.executed);
  if (executed.length <= atMost) return silent(identity, 0.95, `The agent made ${executed.length} tool call(s), of ${atMost} permitted.`);
  const over = executed.slice(atMost);
  const summary = `The agent made ${executed.length} tool calls (${toolNames(executed)}), more than the ${atMost} that are permitted.`;
  return fired(identity, { confidence: 1, summary, evidence: over.map(eventEvidence) });
}

const shownChars = 200;

/** Fires when the answer is longer than `maxCharacters` (UTF-16 code units). */
export function detectAnswerVolume({ answer: { source } }: DetectorInput, maxCharacters: number): DetectorResult {
  const identity = { detector: 'answer_volume', version: 1 } as const;
  if (source.length <= maxCharacters)
    return silent(identity, 0.95, `The answer has ${source.length} characters, of ${maxCharacters} permitted.`);
  const excerpt = source.slice(maxCharacters, maxCharacters + shownChars).toWellFormed();
  return fired(identity, {
    confidence: 1,
    summary: `The answer has ${source.length} characters, more than the ${maxCharacters} that are permitted.`,
    evidence: [{ kind: 'answer_span', start: maxCharacters, end: source.length, excerpt }],
  });
}
