import { dataFlowVersion, findForbiddenFlows, type FlowPolicy, type ForbiddenFlow } from './data-flow.ts';
import type { DetectorInput, DetectorResult } from './detector-input.ts';
import { fired, silent, undecided } from './detector-result.ts';
import { eventEvidence, hasTruncatedArguments, toolCallsOf, type ReportedToolCall } from './tool-calls.ts';

const identity = { detector: 'forbidden_data_flow', version: dataFlowVersion } as const;
const maxFlows = 5;

/**
 * Fires when executed tool calls moved data in a forbidden way: by default what was read from strangers led to a
 * sensitive read and a write to the outside. Without `flows`, a sensitive read that went outside with no stranger
 * involved is undecided: the user may have asked for it.
 */
export function detectForbiddenDataFlow(
  input: DetectorInput,
  spec: FlowPolicy & { readonly flows?: readonly ForbiddenFlow['kind'][] },
): DetectorResult {
  const calls = toolCallsOf(input.turnEvents);
  const flows = findForbiddenFlows(calls, spec);
  const forbidden = flows.filter((flow) => (spec.flows ?? ['toxic']).includes(flow.kind)).slice(0, maxFlows);
  if (forbidden.length > 0) {
    const eventIds = new Set(forbidden.flatMap((flow) => flow.eventIds));
    return fired(identity, {
      confidence: Math.max(...forbidden.map((flow) => flow.confidence)),
      summary: `Data took a forbidden way: ${forbidden.map((flow) => flow.summary).join('; ')}.`,
      evidence: calls.filter((call) => eventIds.has(call.eventId)).map(eventEvidence),
    });
  }
  const doubt = doubtOf(spec.flows === undefined ? flows : [], calls);
  return doubt === null ? silent(identity, 0.9, 'No forbidden flow of data was reported.') : undecided(identity, doubt);
}

function doubtOf(flows: readonly ForbiddenFlow[], calls: readonly ReportedToolCall[]): string | null {
  const [first] = flows;
  if (first !== undefined) return `Sensitive data went outside, though nothing from strangers was read before: ${first.summary}.`;
  const isTruncated = calls.some((call) => call.tool.executed && hasTruncatedArguments(call));
  return isTruncated ? 'The arguments of a tool call were too large to be kept, so where it sent data is not fully known.' : null;
}
