#!/usr/bin/env node
import { Command, CommanderError } from 'commander';

import { productVersion } from '../runtime/product-version.ts';
import { ApiClient } from './api-client.ts';
import type { CommandContext } from './command-context.ts';
import { addAdjustCommand } from './commands/adjust.ts';
import { addApprovalsCommand } from './commands/approvals.ts';
import { addAuditCommand } from './commands/audit.ts';
import { addEmergencyStopCommand } from './commands/emergency-stop.ts';
import { addImportCommand } from './commands/import.ts';
import { addJudgeCommand } from './commands/judge.ts';
import { addKeysCommand } from './commands/keys.ts';
import { addLibrariesCommand } from './commands/libraries.ts';
import { addMembersCommand } from './commands/members.ts';
import { addPauseCommand, addResumeCommand } from './commands/pause.ts';
import { addPoliciesCommand } from './commands/policies.ts';
import { addProjectsCommand } from './commands/projects.ts';
import { addReplayCommand } from './commands/replay.ts';
import { addDeadLettersCommand } from './commands/dead-letters.ts';
import { addRetryCommand } from './commands/retry.ts';
import { addReportCommand } from './commands/report.ts';
import { addRunCommand } from './commands/run.ts';
import { addRunsCommand } from './commands/runs.ts';
import { addSchedulesCommand } from './commands/schedules.ts';
import { addScriptsCommand } from './commands/scripts.ts';
import { addSidecarTokensCommand } from './commands/sidecar-tokens.ts';
import { addStatusCommand } from './commands/status.ts';
import { addCategoriesCommand } from './commands/categories.ts';
import { addStrategiesCommand } from './commands/strategies.ts';
import { addStylesCommand } from './commands/styles.ts';
import { addStopCommand } from './commands/stop.ts';
import { addTargetsCommand } from './commands/targets.ts';
import { addWhoamiCommand } from './commands/whoami.ts';
import { addUsageCommand } from './commands/usage.ts';
import { addWebhooksCommand } from './commands/webhooks.ts';
import { exitCodeHelp, exitCodes } from './exit-codes.ts';
import { localDataFolders, resolveSettings } from './settings.ts';
import { describeError } from './show-error.ts';

const version = productVersion();
const program = new Command('ordeal')
  .description('Runs adversarial test scripts against AI agents, through the API of Ordeal.')
  .version(version)
  .option('--url <url>', 'of the API (default: ORDEAL_URL, the local stack, or http://127.0.0.1:8080)')
  .option('--api-key <key>', 'of the API; better set ORDEAL_API_KEY, which other users of the machine cannot see')
  .addHelpText('afterAll', exitCodeHelp)
  .showHelpAfterError('(add --help for what there is)')
  .exitOverride();

const context: CommandContext = {
  api: () => {
    const flags = program.opts<{ readonly url?: string; readonly apiKey?: string }>();
    const settings = resolveSettings({ flags, environment: process.env, folders: localDataFolders(process.env, process.cwd()) });
    return new ApiClient({ ...settings, userAgent: `ordeal-cli/${version}` });
  },
  print: (text) => void process.stdout.write(text),
  stderr: process.stderr,
  exitWith: (code) => {
    process.exitCode = code;
  },
};

for (const add of [
  addApprovalsCommand,
  addPoliciesCommand,
  addWebhooksCommand,
  addRunCommand,
  addStatusCommand,
  addStopCommand,
  addPauseCommand,
  addResumeCommand,
  addAdjustCommand,
  addReportCommand,
  addRetryCommand,
  addDeadLettersCommand,
  addRunsCommand,
  addScriptsCommand,
  addStrategiesCommand,
  addTargetsCommand,
  addSidecarTokensCommand,
  addCategoriesCommand,
  addStylesCommand,
  addImportCommand,
  addLibrariesCommand,
  addJudgeCommand,
  addUsageCommand,
  addReplayCommand,
  addProjectsCommand,
  addSchedulesCommand,
  addEmergencyStopCommand,
  addAuditCommand,
  addMembersCommand,
  addKeysCommand,
  addWhoamiCommand,
]) {
  add(program, context);
}
// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? process.exitCode : exitCodes.usage));

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(describeError(error));
  process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? exitCodes.passed : exitCodes.usage;
}
