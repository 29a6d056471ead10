import type { TestContext } from 'vitest';

import type { RunId } from '../../domain/ids.ts';
import type { SeenRequest } from '../fakes/scripted-agent.ts';
import { openChaosBench, type ChaosBench } from './chaos-bench.ts';
import { CrashPoints } from './crash-points.ts';

/** Keeps the agent from answering the first request that matches, until it is released. */
export interface Hold {
  readonly isHeld: boolean;
  release(): void;
}

export interface HeldRig {
  readonly bench: ChaosBench;
  readonly crash: CrashPoints;
  readonly held: Hold;
}

export interface HeldRigOptions {
  readonly matches: (request: SeenRequest, number: number) => boolean;
  readonly reply?: string;
}

/** An installation in which a step can be held at the agent, and in the database. */
export async function openHeldRig(context: TestContext, { matches, reply }: HeldRigOptions): Promise<HeldRig> {
  const released = Promise.withResolvers<void>();
  let isHeld = false;
  const bench = await openChaosBench(context, {
    answer: async (request, number) => {
      if (!isHeld && matches(request, number)) {
        isHeld = true;
        await released.promise;
      }
      return reply === undefined ? {} : { reply };
    },
  });
  const crash = await CrashPoints.open(bench.db);
  context.onTestFinished(() => crash.close());
  const held: Hold = {
    get isHeld() {
      return isHeld;
    },
    release: () => released.resolve(),
  };
  return { bench, crash, held };
}

/** `conversation.exchange.attempt state` of each request in the ledger. */
export async function ledger({ db }: ChaosBench, runId: RunId): Promise<string[]> {
  const rows = await db.query<{ entry: string }>(
    `select conversation_no || '.' || exchange_no || '.' || attempt_no || ' ' || state as entry from attempts where run_id = $1
     order by conversation_no, exchange_no, attempt_no`,
    [runId],
  );
  return rows.map((row) => row.entry);
}
