import { z } from 'zod';

import { idSchema } from '../../../contracts/id.ts';
import { findRunStatus, readRunFeed } from '../../../db/runs/read-run-feed.ts';
import { withOrg } from '../../../db/with-org.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { isTerminal } from '../../../domain/run-state.ts';
import { defineStream } from '../../define-endpoint.ts';
import { streamFeed } from '../../stream-feed.ts';

const eventsSchema = z.string().meta({
  description:
    'Server-sent events `run_queued`, `run_started`, `probe_judged`, `probe_waiting`, `run_paused`, `run_resumed`, `run_adjusted`, `stop_requested` and `run_ended`, with gapless ids from 1. ' +
    'A comment every 15 seconds keeps the connection alive; the stream ends after `run_ended`.',
});

export const streamRunEvents = defineStream({
  id: 'streamRunEvents',
  method: 'get',
  path: '/api/runs/:runId/events',
  tag: 'runs',
  summary: 'Follow a run as it happens',
  auth: 'apiKey',
  failures: ['overloaded', 'shutting_down'],
  input: { params: z.object({ runId: idSchema('run') }) },
  output: {
    status: 200,
    description: 'What happened so far, and then what happens',
    schema: eventsSchema,
    alsoStatus: [{ status: 204, description: 'The run has ended and everything was seen: do not connect again' }],
  },
  open: async ({ params, raw }, { deps, principal, signal, log }) => {
    const run = { orgId: principal.orgId, runId: params.runId };
    const afterSeq = readLastEventId(raw.headers['last-event-id']);
    const { status, rows } = await withOrg(deps.database, run.orgId, async (tx) => ({
      // First the status: an end that is seen here has its entry in the feed already.
      status: requireFound(await findRunStatus(tx, run.orgId, run.runId), 'run', run.runId),
      rows: await readRunFeed(tx, run, { afterSeq, rows: 1 }),
    }));
    if (isTerminal(status) && rows.length === 0) return { kind: 'empty', status: 204 };
    const { signal: shutdown, close } = deps.streams.open();
    return {
      kind: 'stream',
      write: (response) =>
        streamFeed({ database: deps.database, run, afterSeq, response, signal: AbortSignal.any([signal, shutdown]), log }).finally(close),
    };
  },
});

function readLastEventId(header: string | string[] | undefined): string {
  if (header === undefined || header === '') return '0';
  if (typeof header === 'string' && /^\d{1,18}$/.test(header)) return header;
  throw new OrdealError('invalid_request', 'headers.last-event-id must be the id of an event of this stream', {
    issues: [{ field: 'headers.last-event-id', message: 'must be the id of an event of this stream' }],
  });
}
