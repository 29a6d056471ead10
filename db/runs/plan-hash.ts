import { createHash } from 'node:crypto';

import type { PlannedScript } from './insert-run.ts';

/** SHA-256 over what a run is going to do: scripts, versions and steps, in order. In lower-case hex. */
export function planHash(scripts: readonly PlannedScript[]): string {
  const plan = scripts.map((script) => [script.slug, script.version, script.definition.steps]);
  return createHash('sha256').update(JSON.stringify(plan)).digest('hex');
}
