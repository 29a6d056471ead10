import { readFile } from 'node:fs/promises';

import type { Command } from 'commander';

import { OrdealError } from '../../domain/failures.ts';
import { checkSignedReport } from '../../runtime/report-signature.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { fingerprintOption } from '../fingerprint-option.ts';
import { printableLine } from '../printable.ts';

/** `ordeal report verify`: needs the file only, neither API nor key of the API. */
export function addVerifyReportCommand(report: Command, context: CommandContext): void {
  report
    .command('verify')
    .description('Checks a signed report, without the API: exit code 0 when it is as it was signed, 1 when it is not.')
    .argument('<file>', 'from `ordeal report RUN --format signed --out FILE`')
    .option('--key <fingerprint>', 'the key that has to have signed it, from GET /api/report-key', fingerprintOption)
    .action((file: string, flags: { readonly key?: string }) => verifyReport(context, file, flags.key));
}

async function verifyReport({ print, exitWith }: CommandContext, file: string, key: string | undefined): Promise<void> {
  const check = checkSignedReport(await read(file));
  if (!check.isValid) {
    print(`NOT VALID: ${file}: ${check.reason}\n`);
    return exitWith(exitCodes.findings);
  }
  if (key !== undefined && key !== check.fingerprint) {
    print(`NOT VALID: ${file}: it was signed with another key, ${check.fingerprint}\n`);
    return exitWith(exitCodes.findings);
  }
  print(`VALID: ${file} is as it was signed\n  key  ${check.fingerprint}\n`);
  for (const name of ['runId', 'targetName', 'headline'] as const) {
    const value = check.report[name];
    if (typeof value === 'string') print(`  ${printableLine(`${name}: ${value}`)}\n`);
  }
  if (key === undefined) {
    print('Anybody can sign with a key of their own: compare the key with GET /api/report-key of your Ordeal, or give it as --key.\n');
  }
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown reason';
    throw new OrdealError('invalid_request', `${file} cannot be read: ${reason}`, { cause: error });
  }
}
