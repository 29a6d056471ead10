import type { SideEffect } from './script.ts';
import type { TurnEvents } from './sidecar-event.ts';
import type { OpenAiTargetDefinition, TargetDefinition } from './target.ts';

/** A tool call that a model asked for in its answer. Nothing was carried out. */
export interface RequestedToolCall {
  readonly name: string;
  /** As the model wrote them; `$unparsed` holds the text of arguments that are no JSON object. */
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** As the ledger keeps it. */
export interface RecordedToolCall extends RequestedToolCall {
  /** What evidence refers to it by. */
  readonly eventId: string;
  /** What it would have done, as the target declares; of a tool that was never offered, `write`. */
  readonly effect: SideEffect;
}

/** What is recorded of an answer: its calls where tools were offered and no sidecar reports what became of them, or `null`. */
export function callsToRecord(
  definition: TargetDefinition,
  attemptId: string,
  calls: readonly RequestedToolCall[],
): readonly RecordedToolCall[] | null {
  if (!reportsOwnToolCalls(definition)) return null;
  const effects = new Map(definition.tools.map(({ name, effect }) => [name, effect]));
  return calls.map((call, index) => ({ ...call, eventId: `${attemptId}.${index + 1}`, effect: effects.get(call.name) ?? 'write' }));
}

/** Whether the answers of a target are all there is to know of its tool calls. */
export function reportsOwnToolCalls(definition: TargetDefinition): definition is OpenAiTargetDefinition {
  return definition.kind === 'openai' && definition.tools.length > 0 && !definition.sidecar;
}

/** The calls of all answers of a probe as events. They are complete: they came with the answers. */
export function turnEventsOfCalls(answers: readonly (readonly RecordedToolCall[])[]): TurnEvents {
  const events = answers.flat().map(({ eventId, name, arguments: args, effect }, index) => ({
    eventId,
    stream: 'answer',
    sequence: index + 1,
    type: 'tool_call' as const,
    tool: { name, arguments: args, effect, executed: true, isRequested: true as const },
  }));
  return { completeness: { kind: 'complete' }, events };
}

/** How much of the arguments of one call is kept. */
const maxArgumentsLength = 65_536;
/** More calls in one answer are not kept; the answer is then refused rather than judged in part. */
export const maxToolCalls = 128;

/** Reads arguments, which models write as a JSON text of their own. */
export function readToolArguments(text: string): Readonly<Record<string, unknown>> {
  if (text.length > maxArgumentsLength) return { $truncated: true, $unparsed: text.slice(0, maxArgumentsLength) };
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Models write broken JSON at times; what they wrote is evidence all the same.
  }
  return { $unparsed: text };
}

/** The calls as part of what was answered, one line each, for detectors that read text and for people. */
export function describeToolCalls(calls: readonly RequestedToolCall[]): string {
  return calls.map((call) => `[tool call] ${call.name}(${JSON.stringify(call.arguments)})`).join('\n');
}
