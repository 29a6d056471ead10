import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Response } from 'express';

import { readRunFeed, type FeedRow } from '../db/runs/read-run-feed.ts';
import type { TenantDatabase } from '../db/tenant-database.ts';
import { withOrg } from '../db/with-org.ts';
import { OrdealError } from '../domain/failures.ts';
import type { OrgId, RunId } from '../domain/ids.ts';
import type { Logger } from '../runtime/logger.ts';

export interface FeedStream {
  readonly database: TenantDatabase;
  readonly run: { readonly orgId: OrgId; readonly runId: RunId };
  readonly afterSeq: string;
  readonly response: Response;
  /** Ends the stream: the client is gone, or the process shuts down. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

const pollMs = 300;
/** While the database is away there is no hurry to ask it again. */
const pollWhenAwayMs = 1_000;
const heartbeatMs = 15_000;
const rowsPerPoll = 500;

/**
 * Writes a run's feed as server-sent events until the run has ended, the client has gone or the process shuts down.
 * A client that connects again with the last id that it saw misses nothing and sees nothing twice.
 */
export async function streamFeed(stream: FeedStream): Promise<void> {
  const { response, signal } = stream;
  response.status(200).set({
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  });
  response.flushHeaders();
  response.write('retry: 1000\n\n');
  const heartbeat = setInterval(() => void response.write(': still here\n\n'), heartbeatMs);
  try {
    await follow(stream);
  } catch (error) {
    if (!signal.aborted) stream.log.warn({ err: error, runId: stream.run.runId }, 'an event stream broke; its client will connect again');
  } finally {
    clearInterval(heartbeat);
    response.end();
  }
}

async function follow(stream: FeedStream): Promise<void> {
  const { signal } = stream;
  let { afterSeq } = stream;
  while (!signal.aborted) {
    const rows = await poll(stream, afterSeq);
    for (const row of rows ?? []) {
      await write(stream, row);
      afterSeq = row.seq;
      if (row.type === 'run_ended') return;
    }
    if (rows?.length !== rowsPerPoll) await sleep(rows === undefined ? pollWhenAwayMs : pollMs, undefined, { signal });
  }
}

/** Undefined when the database is away: the stream outlives that. */
async function poll(stream: FeedStream, afterSeq: string): Promise<FeedRow[] | undefined> {
  try {
    return await withOrg(stream.database, stream.run.orgId, (tx) => readRunFeed(tx, stream.run, { afterSeq, rows: rowsPerPoll }));
  } catch (error) {
    if (error instanceof OrdealError && error.failure === 'database_unavailable') return undefined;
    throw error;
  }
}

/** Waits for a client that reads slowly, so that its backlog stays in the database. */
async function write({ response, signal }: FeedStream, row: FeedRow): Promise<void> {
  const data = JSON.stringify({ at: row.at.toISOString(), ...(row.data as Record<string, unknown>) });
  const hasRoom = response.write(`id: ${row.seq}\nevent: ${row.type}\ndata: ${data}\n\n`);
  if (!hasRoom) await once(response, 'drain', { signal });
}
