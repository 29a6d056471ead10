import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

import type { Command } from 'commander';

import { OrdealError } from '../../domain/failures.ts';
import type { SignedAnchor } from '../../runtime/audit-chain.ts';
import { checkAuditExport } from '../../runtime/check-audit-export.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { fingerprintOption } from '../fingerprint-option.ts';

interface VerifyFlags {
  readonly key?: string;
  readonly against?: string;
}

/** `ordeal audit verify`: needs the file only, neither API nor key of the API. */
export function addVerifyAuditCommand(audit: Command, context: CommandContext): void {
  audit
    .command('verify')
    .description('Checks an audit export, without the API: exit code 0 when nothing in it was changed, cut off or built anew, 1 otherwise.')
    .argument('<file>', 'from `ordeal audit export --out FILE`')
    .option('--key <fingerprint>', 'the key that has to have signed it, from GET /api/report-key', fingerprintOption)
    .option('--against <file>', 'an earlier export that you kept: this chain has to go on from it')
    .action((file: string, flags: VerifyFlags) => verifyAudit(context, file, flags));
}

async function verifyAudit({ print, exitWith }: CommandContext, file: string, { key, against }: VerifyFlags): Promise<void> {
  const known: readonly SignedAnchor[] = against === undefined ? [] : await anchorsOf(against);
  const check = await checkAuditExport(linesOf(file), { key, known });
  if (!check.isValid) {
    print(`NOT VALID: ${file}: ${check.reason}\n`);
    return exitWith(exitCodes.findings);
  }
  print(`VALID: ${file}: ${check.entries} audit rows of ${check.orgId}, each as it was chained, up to the signed head\n`);
  print(`  signed anchors on the way  ${check.anchors.length - 1}\n  key                        ${check.fingerprints.join(', ')}\n`);
  if (against !== undefined) print(`  agrees with ${against} in ${check.knownCompared} places\n`);
  if (key === undefined)
    print('Compare the key with GET /api/report-key of your Ordeal, or give it as --key: anybody can sign with a key of their own.\n');
  if (against === undefined)
    print('Keep this file and give it as --against next time: who holds key and database could build the whole chain anew.\n');
}

async function anchorsOf(file: string): Promise<readonly SignedAnchor[]> {
  const check = await checkAuditExport(linesOf(file));
  if (check.isValid) return check.anchors;
  throw new OrdealError('invalid_request', `${file}, which to compare with, is not valid itself: ${check.reason}`);
}

async function* linesOf(file: string): AsyncIterable<string> {
  try {
    yield* createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    throw new OrdealError('invalid_request', `${file} cannot be read: ${error instanceof Error ? error.message : 'unknown reason'}`, {
      cause: error,
    });
  }
}
