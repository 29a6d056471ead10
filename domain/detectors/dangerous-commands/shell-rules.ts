import type { DangerReason } from './reason.ts';
import { fileReasons, redirectReasons } from './shell-file-rules.ts';
import { networkReasons } from './shell-network-rules.ts';
import { privilegeReasons } from './shell-privilege-rules.ts';
import { processReasons } from './shell-process-rules.ts';
import type { TracedCommand } from './shell-trace.ts';

/** What one traced shell command does that a task seldom calls for. */
export function shellCommandReasons(command: TracedCommand): DangerReason[] {
  return [
    ...fileReasons(command),
    ...networkReasons(command),
    ...processReasons(command),
    ...privilegeReasons(command),
    ...redirectReasons(command),
  ];
}
