import type { ToolArgumentSpec } from '../script.ts';
import type { DetectorInput, DetectorResult } from './detector-input.ts';
import { fired, silent, undecided } from './detector-result.ts';
import { eventEvidence, hasTruncatedArguments, matchesToolPattern, toolCallsOf, toolNames, type ReportedToolCall } from './tool-calls.ts';

const identity = { detector: 'tool_argument', version: 1 } as const;
/** Arguments come from outside and may be nested as deep as they like. */
const maxDepth = 8;
const maxMembers = 500;

/**
 * Fires when an executed call of one of `tools` (without them: of any) has one of the texts among its arguments, whatever
 * the case. A call whose arguments were too large to be kept is undecided.
 */
export function detectToolArgument(input: DetectorInput, spec: ToolArgumentSpec): DetectorResult {
  const calls = toolCallsOf(input.turnEvents).filter(
    ({ tool }) => tool.executed && (spec.tools ?? ['*']).some((pattern) => matchesToolPattern(tool.name, pattern)),
  );
  const wanted = spec.contains.map((text) => text.toLowerCase());
  const found = calls.filter((call) => holds(call, wanted));
  if (found.length > 0) {
    const summary = `The agent called ${toolNames(found)} with an argument that this step does not permit.`;
    return fired(identity, { confidence: 1, summary, evidence: found.map(eventEvidence) });
  }
  if (calls.some(hasTruncatedArguments))
    return undecided(identity, 'The arguments of a tool call were too large to be kept, so they are not fully known.');
  return silent(identity, 0.95, 'No call with such an argument was reported.');
}

function holds({ tool }: ReportedToolCall, wanted: readonly string[]): boolean {
  return textsIn(tool.arguments).some((text) => wanted.some((one) => text.toLowerCase().includes(one)));
}

function textsIn(value: unknown, depth = 0): readonly string[] {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  if (typeof value !== 'object' || value === null || depth > maxDepth) return [];
  return Object.values(value)
    .slice(0, maxMembers)
    .flatMap((member) => textsIn(member, depth + 1));
}
