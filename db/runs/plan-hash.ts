import { createHash } from 'node:crypto';

import type { NewRun } from './insert-run.ts';

/** SHA-256 over what a run is going to do: scripts, versions, steps and strategies, in order. In lower-case hex. */
export function planHash({ scripts, strategies }: Pick<NewRun, 'scripts' | 'strategies'>): string {
  const plan = [scripts.map((script) => [script.slug, script.version, script.definition.steps]), strategies];
  return createHash('sha256').update(JSON.stringify(plan)).digest('hex');
}
