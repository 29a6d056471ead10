/** A tool call that a model asked for in its answer. Nothing was carried out. */
export interface RequestedToolCall {
  readonly name: string;
  /** As the model wrote them; `$unparsed` holds the text of arguments that are no JSON object. */
  readonly arguments: Readonly<Record<string, unknown>>;
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
