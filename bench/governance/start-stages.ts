import { fetchRunHistory, listRunExecutions } from '../../orchestration/run-histories.ts';
import type { RunId } from '../../domain/ids.ts';
import { percentile, print, type BenchStack } from '../engine/bench-stack.ts';

/** A run that was started, by the clock of this machine. */
export interface MeasuredStart {
  readonly runId: RunId;
  readonly askedAtMs: number;
  readonly tookMs: number;
}

/** Milliseconds from the request to each part of a start, in order. */
export type StartStages = ReadonlyMap<string, number>;

interface HistoryEvent {
  readonly eventTime: string;
  readonly eventType: string;
  readonly activityTaskScheduledEventAttributes?: { readonly activityType: { readonly name: string } };
}

const shownTypes = /^EVENT_TYPE_(WORKFLOW_(?:EXECUTION|TASK)|ACTIVITY_TASK)_(?:STARTED|SCHEDULED|COMPLETED)$/;

/** What the history of a run says of its start, up to its first request. */
export async function stagesOf(stack: BenchStack, { runId, askedAtMs, tookMs }: MeasuredStart): Promise<StartStages> {
  const [executionId = ''] = await listRunExecutions(stack.temporal, runId);
  const { history } = await fetchRunHistory(stack.temporal, runId, executionId);
  const { events } = history as { readonly events: readonly HistoryEvent[] };
  const stages = new Map<string, number>();
  const seen = new Map<string, number>();
  let activity = '';
  for (const { eventTime, eventType, activityTaskScheduledEventAttributes: scheduled } of events) {
    activity = scheduled?.activityType.name ?? activity;
    const atMs = Date.parse(eventTime) - askedAtMs;
    if (!shownTypes.test(eventType) || atMs > tookMs) continue;
    if (activity === 'executeStep') {
      stages.set('first step scheduled', atMs);
      break;
    }
    const type = eventType.replace('EVENT_TYPE_', '').toLowerCase().replaceAll('_', ' ');
    const number = (seen.get(type) ?? 0) + 1;
    seen.set(type, number);
    stages.set(`${type} ${number}`, atMs);
  }
  return stages.set('first request', tookMs);
}

/** Prints where the time of these starts goes. */
export function printStages(starts: readonly StartStages[]): void {
  for (const name of new Set(starts.flatMap((stages) => [...stages.keys()]))) {
    const times = starts.flatMap((stages) => stages.get(name) ?? []);
    print(
      `  ${name.padEnd(30)} median ${percentile(times, 0.5).toFixed(0).padStart(5)} ms, p95 ${percentile(times, 0.95).toFixed(0).padStart(5)} ms`,
    );
  }
}
