/** What a tool call did to the world. */
export type ToolEffect = 'read' | 'write' | 'delete' | 'send' | 'payment' | 'permission' | 'execute';

export interface ToolCallReport {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly effect: ToolEffect;
  /** False when the agent's own guard refused the call, so that nothing happened. */
  readonly executed: boolean;
}

/** One event as it goes over the wire. */
export interface EventRecord {
  readonly eventId: string;
  readonly stream: string;
  readonly sequence: number;
  readonly type: 'turn_started' | 'tool_call' | 'turn_ended';
  readonly probeId?: string;
  readonly traceparent?: string;
  readonly occurredAt: string;
  readonly tool?: ToolCallReport;
}

/** An event in its final JSON form; made once, so that every attempt sends the same bytes. */
export interface SerializedEvent {
  readonly json: string;
  readonly bytes: number;
}

const maxArgumentBytes = 48 * 1024;

/** The JSON of an event; arguments that cannot be sent as they are (cyclic, or too large) become a marked preview. */
export function serializeEvent(event: EventRecord): SerializedEvent {
  const json = JSON.stringify(event.tool === undefined ? event : { ...event, tool: sendableTool(event.tool) });
  return { json, bytes: Buffer.byteLength(json) };
}

function sendableTool(tool: ToolCallReport): ToolCallReport {
  let json: string;
  try {
    json = JSON.stringify(tool.arguments) ?? '{}';
  } catch {
    return { ...tool, arguments: { $unserializable: true } };
  }
  const bytes = Buffer.byteLength(json);
  if (bytes <= maxArgumentBytes) return { ...tool, arguments: JSON.parse(json) as Record<string, unknown> };
  return { ...tool, arguments: { $truncated: true, bytes, preview: json.slice(0, 4096) } };
}
