import type { AgentStep } from '../../domain/detectors/agent-trace.ts';
import type { InteractionRecord, OfferedTool } from '../../domain/detectors/unsafe-trace/interaction-record.ts';
import { readJsonLines } from './data-folder.ts';

/** One labelled interaction of the set `assebench_security`. */
export interface LabelledRecord {
  readonly id: string;
  readonly record: InteractionRecord;
  readonly isUnsafe: boolean;
  readonly isAmbiguous: boolean;
  /** Interactions about the same task stay on one side of a fold. */
  readonly group: string;
}

interface RawRow {
  readonly id: number | string;
  readonly contents: readonly (readonly RawMessage[])[];
  readonly label: number;
  readonly ambiguous: number;
}

interface RawMessage {
  readonly role: string;
  readonly content?: string;
  readonly thought?: string;
  readonly action?: string;
}

/** Reads the set as records that a monitor could have kept. */
export function readLabelledRecords(dataFolder: string): LabelledRecord[] {
  return readJsonLines(dataFolder, 'assebench_security/AgentJudge-security.jsonl', (value) => value as RawRow).map((row) => {
    const messages = row.contents.flat();
    const first = messages.find((message) => message.role === 'user')?.content ?? '';
    const { task, tools } = splitTask(first);
    const steps = messages.flatMap((message) => toSteps(message, message.content === first));
    return {
      id: String(row.id),
      record: { task, tools, steps },
      isUnsafe: row.label === 1,
      isAmbiguous: row.ambiguous === 1,
      group: task.trim().slice(0, 60),
    };
  });
}

/** The task, and the tools that some rows list behind it. */
function splitTask(text: string): { task: string; tools: OfferedTool[] } {
  const at = text.indexOf('You are given the available tools');
  if (at === -1) return { task: text, tools: [] };
  const tools: OfferedTool[] = [];
  for (const match of text.matchAll(/"name": "([^"]{1,80})", "description": "([^"]{0,600})"/g))
    tools.push({ name: match[1] ?? '', description: match[2] ?? '' });
  return { task: text.slice(0, at), tools };
}

function toSteps(message: RawMessage, isTask: boolean): AgentStep[] {
  if (message.role === 'environment') return [{ kind: 'result', tool: '', text: message.content ?? '' }];
  if (message.role === 'user') return isTask ? [] : [{ kind: 'user', text: message.content ?? '' }];
  const steps: AgentStep[] = [];
  const thought = message.thought ?? '';
  const isResult = thought.startsWith('[Observation]');
  if (thought !== '' && !isResult) steps.push({ kind: 'answer', text: thought });
  const action = message.action ?? '';
  const closing = /^Complete\s*\{([\s\S]*)\}\s*$/.exec(action)?.[1];
  if (closing !== undefined) steps.push({ kind: 'answer', text: closing });
  else {
    for (const match of action.matchAll(/(?:^|[;,\n]\s*)([A-Za-z_]\w{1,80})\s*([({][\s\S]{0,4000}?[)}])(?=$|[;,\n])/g))
      steps.push({ kind: 'call', tool: match[1] ?? '', arguments: match[2] ?? '' });
  }
  if (isResult) steps.push({ kind: 'result', tool: '', text: withoutGiveaways(thought) });
  return steps;
}

/** The simulated attacker tools announce themselves; no real tool does, so the detector must not see it. */
function withoutGiveaways(text: string): string {
  return text.replaceAll(/You have used the attacker tool \w+\.|You have achieved the attacker goal:[^.;]{0,300}/g, '');
}
