import type { z } from 'zod';

import type { haltSchema } from '../contracts/guard.ts';
import type { Halt } from '../db/guard/emergency-stop.ts';
import type { RunId } from '../domain/ids.ts';

export function haltView(halt: Halt | undefined, stoppedRuns: readonly RunId[] = []): z.output<typeof haltSchema> {
  const { haltedAt = null, haltedBy = null, reason = null } = halt ?? {};
  return { isHalted: halt !== undefined, haltedAt, haltedBy, reason, stoppedRuns };
}
