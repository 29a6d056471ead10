import { sql } from 'kysely';

import type { OrgId, ProbeId } from '../../domain/ids.ts';
import type { EventCompleteness, SidecarEvent, ToolCall, TurnEvents } from '../../domain/sidecar-event.ts';
import { turnEventsOfCalls, type RecordedToolCall } from '../../domain/requested-tool-call.ts';
import type { OrgTransaction } from '../with-org.ts';

interface EventRow {
  readonly token_id: string;
  readonly event_id: string;
  readonly stream: string;
  readonly sequence: string;
  readonly type: string;
  readonly tool: unknown;
}

/** More than this for one turn is not read; such a turn is reported as open. */
const maxEventsPerTurn = 2_000;

/** Probes, and how many turns the agent has certainly taken for them: those that brought an answer. */
export interface ProbeTurns {
  readonly probeIds: readonly ProbeId[];
  readonly answeredTurns: number;
}

/** What the sidecar has reported of these probes, or what their answers ask for, and whether that is everything. */
export async function loadTurnEvents(tx: OrgTransaction, orgId: OrgId, { probeIds, answeredTurns }: ProbeTurns): Promise<TurnEvents> {
  const rows: EventRow[] = await tx
    .selectFrom('events')
    .select(['token_id', 'event_id', 'stream', 'sequence', 'type', 'tool'])
    .where('org_id', '=', orgId)
    .where('probe_id', 'in', probeIds)
    .orderBy('token_id')
    .orderBy('stream')
    .orderBy('sequence')
    .limit(maxEventsPerTurn + 1)
    .execute();
  const requested = rows.length === 0 ? await loadRequestedCalls(tx, orgId, probeIds) : [];
  if (requested.length > 0) return turnEventsOfCalls(requested);
  return {
    completeness: await completenessOf(tx, { orgId, answeredTurns }, rows),
    events: rows.slice(0, maxEventsPerTurn).map(toSidecarEvent),
  };
}

/** The tool calls of each answer, where answers tell of them. */
async function loadRequestedCalls(
  tx: OrgTransaction,
  orgId: OrgId,
  probeIds: readonly ProbeId[],
): Promise<(readonly RecordedToolCall[])[]> {
  const rows = await tx
    .selectFrom('probes')
    .innerJoin('attempts', (join) =>
      join
        .onRef('attempts.org_id', '=', 'probes.org_id')
        .onRef('attempts.run_id', '=', 'probes.run_id')
        .onRef('attempts.step_id', '=', 'probes.step_id')
        .onRef('attempts.variant_no', '=', 'probes.variant_no'),
    )
    .select('attempts.tool_calls')
    .where('probes.org_id', '=', orgId)
    .where('probes.probe_id', 'in', probeIds)
    .where('attempts.tool_calls', 'is not', null)
    .orderBy('probes.position')
    .orderBy('attempts.conversation_no')
    .orderBy('attempts.exchange_no')
    .orderBy('attempts.attempt_no')
    .limit(maxEventsPerTurn)
    .execute();
  return rows.map((row) => (row.tool_calls ?? []) as unknown as RecordedToolCall[]);
}

async function completenessOf(
  tx: OrgTransaction,
  { orgId, answeredTurns }: { readonly orgId: OrgId; readonly answeredTurns: number },
  rows: readonly EventRow[],
): Promise<EventCompleteness> {
  const [first] = rows;
  if (first === undefined) return { kind: 'open', detail: 'no event of this turn has arrived' };
  if (rows.length > maxEventsPerTurn) return { kind: 'open', detail: `the turn has more than ${maxEventsPerTurn} events` };
  const endedTurns = countOf(rows, 'turn_ended');
  let missing = 0;
  for (const stream of splitByStream(rows)) {
    const started = stream.find((row) => row.type === 'turn_started');
    const ended = stream.findLast((row) => row.type === 'turn_ended');
    if (ended === undefined) return { kind: 'open', detail: 'the end of the turn has not arrived' };
    if (started === undefined) return { kind: 'open', detail: 'the start of the turn has not arrived' };
    if (countOf(stream, 'turn_started') > countOf(stream, 'turn_ended'))
      return { kind: 'open', detail: 'the end of a turn has not arrived' };
    missing += await countMissing(tx, orgId, { started, ended });
  }
  if (missing > 0) return { kind: 'gap', missing };
  // Numbers without a gap say nothing of a turn of which no event has arrived.
  return endedTurns < answeredTurns
    ? { kind: 'open', detail: `the end of ${answeredTurns - endedTurns} of ${answeredTurns} turns has not arrived` }
    : { kind: 'complete' };
}

function countOf(rows: readonly EventRow[], type: SidecarEvent['type']): number {
  return rows.filter((row) => row.type === type).length;
}

/** Sequence numbers count all events of a stream, so the turn is whole when none between its ends is missing. */
async function countMissing(tx: OrgTransaction, orgId: OrgId, turn: { started: EventRow; ended: EventRow }): Promise<number> {
  const { count } = await tx
    .selectFrom('events')
    .select(sql<string>`count(*)`.as('count'))
    .where('org_id', '=', orgId)
    .where('token_id', '=', turn.started.token_id)
    .where('stream', '=', turn.started.stream)
    .where('sequence', '>=', turn.started.sequence)
    .where('sequence', '<=', turn.ended.sequence)
    .executeTakeFirstOrThrow();
  return Number(turn.ended.sequence) - Number(turn.started.sequence) + 1 - Number(count);
}

function splitByStream(rows: readonly EventRow[]): EventRow[][] {
  const streams = new Map<string, EventRow[]>();
  for (const row of rows) {
    const key = `${row.token_id}/${row.stream}`;
    streams.set(key, [...(streams.get(key) ?? []), row]);
  }
  return [...streams.values()];
}

function toSidecarEvent(row: EventRow): SidecarEvent {
  const event = {
    eventId: row.event_id,
    stream: row.stream,
    sequence: Number(row.sequence),
    type: row.type as SidecarEvent['type'],
  };
  return row.tool === null ? event : { ...event, tool: row.tool as ToolCall };
}
