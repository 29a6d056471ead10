import { createReadStream } from 'node:fs';

import type { Command } from 'commander';

import { OrdealError } from '../../domain/failures.ts';
import type { SignedAnchor } from '../../runtime/audit-chain.ts';
import { checkAuditExport, isAnchor } from '../../runtime/check-audit-export.ts';
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
    .option('--against <file>', 'an earlier export that you kept, or the log of a worker: this chain has to go on from it')
    .action((file: string, flags: VerifyFlags) => verifyAudit(context, file, flags));
}

async function verifyAudit({ print, exitWith }: CommandContext, file: string, { key, against }: VerifyFlags): Promise<void> {
  const check = await checkAuditExport(linesOf(file), { key, known: against === undefined ? undefined : await anchorsOf(against) });
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
    print('Keep this file and give it as --against next time: who can write to the database could build the whole chain anew.\n');
}

/** From an export, which has to be valid itself, or from lines of a log. */
async function anchorsOf(file: string): Promise<readonly SignedAnchor[]> {
  const check = await checkAuditExport(linesOf(file));
  if (check.isValid) return check.anchors;
  const logged = await loggedAnchors(file);
  if (logged.length > 0) return logged;
  throw new OrdealError(
    'invalid_request',
    `${file}, which to compare with, has no logged anchors, and is no valid export itself: ${check.reason}`,
  );
}

async function loggedAnchors(file: string): Promise<readonly SignedAnchor[]> {
  const anchors: SignedAnchor[] = [];
  for await (const line of linesOf(file)) {
    const anchor = anchorIn(line);
    if (isAnchor(anchor)) anchors.push(anchor);
  }
  return anchors;
}

/** A log may have other lines, and words of whoever collected it in front of each. */
function anchorIn(line: string): unknown {
  if (!line.includes('"anchor":{')) return undefined;
  try {
    return (JSON.parse(line.slice(line.indexOf('{'))) as { readonly anchor?: unknown }).anchor;
  } catch {
    return undefined;
  }
}

/** Lines as they are: where a byte is no UTF-8, or a line ends in another way than the export writes it, that is not mended. */
async function* linesOf(file: string): AsyncIterable<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest = '';
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    rest += decoder.decode();
  } catch (error) {
    throw new OrdealError('invalid_request', `${file} cannot be read: ${error instanceof Error ? error.message : 'unknown reason'}`, {
      cause: error,
    });
  }
  if (rest !== '') yield rest;
}
