import { gateExitCodes } from '../domain/gate.ts';

/** Every exit code of `ordeal`; docs/cli.md says when which one comes. */
export const exitCodes = { ...gateExitCodes, usage: 2 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeHelp = `
Exit codes:
  0  passed: the run completed, coverage is sufficient, no finding of --fail-on or worse
  1  findings of at least --fail-on (also when coverage is missing as well); replay: the workflow code decides differently; report verify, audit verify: not what was signed; runs plan: not what was hashed; webhooks test: it did not arrive
  2  usage or configuration: bad option, bad key, unknown id, API out of reach, invalid script
  3  incomplete: coverage below --min-coverage, or the run was stopped, failed, or is incomplete`;
