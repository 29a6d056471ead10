import type { ApiClient } from './api-client.ts';
import type { ExitCode } from './exit-codes.ts';

/** What a command works with. */
export interface CommandContext {
  /** Connected as flags, environment or the local stack say. Throws `invalid_request` when they say too little. */
  readonly api: () => ApiClient;
  /** Results, for people or programs to read. */
  readonly print: (text: string) => void;
  /** Progress and remarks, beside the results. */
  readonly stderr: NodeJS.WriteStream;
  readonly exitWith: (code: ExitCode) => void;
}
