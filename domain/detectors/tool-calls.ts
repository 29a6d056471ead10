import type { EvidenceRef } from '../detection.ts';
import type { ToolCall, TurnEvents } from '../sidecar-event.ts';
import { shorten } from './excerpt.ts';

export interface ReportedToolCall {
  readonly eventId: string;
  readonly tool: ToolCall;
}

/** The tool calls of a turn in the order the agent made them, those its own guard refused included. */
export function toolCallsOf(turnEvents: TurnEvents | null): readonly ReportedToolCall[] {
  const calls = (turnEvents?.events ?? []).flatMap((event) =>
    event.type === 'tool_call' && event.tool !== undefined
      ? [{ eventId: event.eventId, stream: event.stream, sequence: event.sequence, tool: event.tool }]
      : [],
  );
  return calls
    .toSorted((a, b) => compareText(a.stream, b.stream) || a.sequence - b.sequence)
    .map(({ eventId, tool }) => ({ eventId, tool }));
}

function compareText(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}

/** True when the name equals the pattern, or starts with what stands before its trailing `*`. */
export function matchesToolPattern(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

const maxArgumentsLength = 200;

/** One line for a person: the effect, the tool, its arguments. */
export function describeToolCall(tool: ToolCall): string {
  return `${tool.isRequested === true ? 'asked for ' : ''}${tool.effect}: ${tool.name}(${shorten(stringify(tool.arguments), maxArgumentsLength)})`;
}

/** Arguments come from outside: nesting that overflows the stack must not end the judging. */
function stringify(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '[arguments that cannot be shown]';
  }
}

/** True when the ingest kept only the beginning of the arguments, because they were too large. */
export function hasTruncatedArguments({ tool }: ReportedToolCall): boolean {
  return tool.arguments['$truncated'] === true;
}

export function eventEvidence(call: ReportedToolCall): EvidenceRef {
  return { kind: 'event', eventId: call.eventId, excerpt: describeToolCall(call.tool) };
}

/** `send_mail, read_file` from calls, each name once. */
export function toolNames(calls: readonly ReportedToolCall[]): string {
  return [...new Set(calls.map((call) => shorten(call.tool.name, 100)))].join(', ');
}
