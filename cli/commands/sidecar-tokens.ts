import type { Command } from 'commander';

import { mintedSidecarTokenSchema, sidecarTokenSchema, type SidecarToken } from '../../contracts/sidecar-token.ts';
import type { CommandContext } from '../command-context.ts';
import { findTarget } from '../find-target.ts';
import { printableLine } from '../printable.ts';
import { textTable } from '../text-table.ts';

interface TargetFlags {
  readonly project?: string;
}

/** `ordeal sidecar-tokens`: with what a target's sidecar sends its events. */
export function addSidecarTokensCommand(program: Command, context: CommandContext): void {
  const tokens = program.command('sidecar-tokens').description('Tokens with which the sidecars of targets send their events.');
  const ofTarget = (name: string, description: string): Command =>
    tokens
      .command(name)
      .description(description)
      .argument('<target>', 'id or name')
      .option('--project <project>', 'id or name of its project');
  ofTarget('list', 'Lists the tokens of a target, the newest first, without their secrets.')
    .option('--json', 'as JSON')
    .action((target: string, flags: TargetFlags & { readonly json?: true }) => listTokens(context, target, flags));
  ofTarget('create', 'Creates a token and prints it, this once.')
    .option('--name <name>', 'to know it by')
    .action((target: string, flags: TargetFlags & { readonly name?: string }) => createToken(context, target, flags));
  tokens
    .command('revoke <token>')
    .description('Revokes a token (id); the next events that come with it are refused.')
    .action(async (tokenId: string) =>
      context.print(
        tokenTable([await context.api().post(`/api/sidecar-tokens/${encodeURIComponent(tokenId)}/revoke`, sidecarTokenSchema)]),
      ),
    );
}

async function listTokens(context: CommandContext, target: string, flags: TargetFlags & { readonly json?: true }): Promise<void> {
  const api = context.api();
  const { targetId } = await findTarget(api, { ...flags, target });
  const tokens = await api.list(`/api/targets/${targetId}/sidecar-tokens`, sidecarTokenSchema);
  context.print(flags.json === true ? `${JSON.stringify(tokens, null, 2)}\n` : tokenTable(tokens));
}

async function createToken(context: CommandContext, target: string, flags: TargetFlags & { readonly name?: string }): Promise<void> {
  const api = context.api();
  const { targetId } = await findTarget(api, { ...flags, target });
  const body = flags.name === undefined ? {} : { name: flags.name };
  const { token, ...made } = await api.post(`/api/targets/${targetId}/sidecar-tokens`, mintedSidecarTokenSchema, body);
  context.print(`${tokenTable([made])}\n${token}\n\nIt is not shown again.\n`);
}

function tokenTable(tokens: readonly SidecarToken[]): string {
  const rows = tokens.map(({ tokenId, targetId, createdAt, revokedAt, name }) => [
    tokenId,
    targetId,
    createdAt,
    revokedAt ?? '-',
    printableLine(name ?? '-'),
  ]);
  return textTable([['TOKEN', 'TARGET', 'CREATED', 'REVOKED', 'NAME'], ...rows]);
}
