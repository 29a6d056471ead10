import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TurnEvents } from '../../domain/sidecar-event.ts';
import type { EventRecord } from '../../sidecar/event-record.ts';
import { signingKeyOf } from '../../sidecar/sign-body.ts';

export interface IngestServer {
  readonly url: string;
  readonly events: EventRecord[];
  /** The events of a probe's turn, once it has ended. */
  readonly turnOf: (probeId: string) => Promise<TurnEvents>;
  readonly close: () => Promise<void>;
}

/** A receiver of sidecar events that keeps them in memory; it refuses what is not signed with `token`. */
export async function startIngestServer(token: string): Promise<IngestServer> {
  const events: EventRecord[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const [, time = '', signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request.headers['x-ordeal-signature'])) ?? [];
      const isSigned = createHmac('sha256', signingKeyOf(token)).update(`${time}.${body}`).digest('hex') === signature;
      if (!isSigned || request.headers.authorization !== `Bearer ${token}`) {
        response.writeHead(401).end();
        return;
      }
      const batch = (JSON.parse(body) as { events: EventRecord[] }).events;
      events.push(...batch);
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ accepted: batch.length, duplicates: 0, errors: [] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const turnOf = async (probeId: string): Promise<TurnEvents> => {
    const deadlineMs = Date.now() + 30_000;
    for (;;) {
      const own = events.filter((event) => event.probeId === probeId);
      if (own.at(-1)?.type === 'turn_ended') return { completeness: completenessOf(own), events: own };
      if (Date.now() > deadlineMs) return { completeness: { kind: 'open', detail: 'the turn has not ended' }, events: own };
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/ingest/events`,
    events,
    turnOf,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function completenessOf(turn: readonly EventRecord[]): TurnEvents['completeness'] {
  const missing = (turn.at(-1)?.sequence ?? 0) - (turn[0]?.sequence ?? 0) + 1 - turn.length;
  return missing === 0 ? { kind: 'complete' } : { kind: 'gap', missing };
}
