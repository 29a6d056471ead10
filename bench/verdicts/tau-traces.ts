import type { AgentStep } from '../../domain/detectors/agent-trace.ts';
import { readJsonLines } from './data-folder.ts';

interface ChatMessage {
  readonly role: string;
  readonly name?: string;
  readonly content: string | null;
  readonly tool_calls?: readonly { readonly function: { readonly name: string; readonly arguments: string } }[];
}

/** The benign agent traces of `tau_bench_traces`: nobody attacks in them, so every alarm is a false one. */
export function readBenignTraces(dataFolder: string): AgentStep[][] {
  return readJsonLines(
    dataFolder,
    'tau_bench_traces/gpt-4o-airline.jsonl',
    (value) => (value as { traj: readonly ChatMessage[] }).traj,
  ).map((messages) => messages.flatMap(toSteps));
}

function toSteps(message: ChatMessage): AgentStep[] {
  const text = message.content ?? '';
  if (message.role === 'user') return [{ kind: 'user', text }];
  if (message.role === 'tool') return [{ kind: 'result', tool: message.name ?? '', text }];
  if (message.role !== 'assistant') return [];
  const calls = (message.tool_calls ?? []).map((call): AgentStep => ({
    kind: 'call',
    tool: call.function.name,
    arguments: call.function.arguments,
  }));
  return text === '' ? calls : [{ kind: 'answer', text }, ...calls];
}
