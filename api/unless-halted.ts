import { setTimeout as sleep } from 'node:timers/promises';

import type { TenantDatabase } from '../db/tenant-database.ts';
import { withOrg } from '../db/with-org.ts';
import { OrdealError } from '../domain/failures.ts';
import type { OrgId } from '../domain/ids.ts';
import { requireNoHalt } from '../planning/require-start.ts';

/** What is left of the second within which nothing more may be sent is for the query and the abort. */
const lookEveryMs = 200;

/**
 * Does work that sends something outside a run, under a signal that aborts with `halted` soon after an emergency stop of the
 * organization, or when the given one does. While the database cannot be read it sees nothing, and no stop is acknowledged either.
 */
export async function unlessHalted<Result>(
  database: TenantDatabase,
  { orgId, signal }: { readonly orgId: OrgId; readonly signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const halted = new AbortController();
  const done = new AbortController();
  const watching = watchHalt(database, orgId, { halted, done: done.signal });
  try {
    return await work(AbortSignal.any([signal, halted.signal]));
  } finally {
    done.abort();
    await watching;
  }
}

async function watchHalt(
  database: TenantDatabase,
  orgId: OrgId,
  { halted, done }: { readonly halted: AbortController; readonly done: AbortSignal },
): Promise<void> {
  while (!done.aborted && !halted.signal.aborted) {
    await sleep(lookEveryMs, undefined, { signal: done }).catch(() => undefined);
    if (done.aborted) return;
    await withOrg(database, orgId, (tx) => requireNoHalt(tx, orgId)).catch((error: unknown) => {
      if (error instanceof OrdealError && error.failure === 'halted') halted.abort(error);
    });
  }
}
