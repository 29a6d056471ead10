/** Finds a Temporal CLI, or gets one, in the order that `docs/local-stack.md` describes; returns its path. */
export function ensureTemporalCli(env?: NodeJS.ProcessEnv): Promise<string>;
