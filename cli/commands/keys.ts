import { Option, type Command } from 'commander';

import { apiKeySchema, mintedApiKeySchema, type ApiKey } from '../../contracts/member.ts';
import { roles, type Role } from '../../domain/roles.ts';
import type { CommandContext } from '../command-context.ts';
import { numberOption } from '../number-option.ts';
import { textTable } from '../text-table.ts';

interface NewKeyFlags {
  readonly member: string;
  readonly role?: Role;
  readonly expiresInDays?: number;
}

export function addKeysCommand(program: Command, context: CommandContext): void {
  const keys = program.command('keys').description('API keys of the organization.');
  keys
    .command('list', { isDefault: true })
    .description('Lists keys, the newest first, without their secrets.')
    .option('--json', 'as JSON')
    .action((flags: { readonly json?: true }) => listKeys(context, flags));
  keys
    .command('create <name>')
    .description('Creates a key and prints it, this once.')
    .requiredOption('--member <member>', 'id of the member whose key it is')
    .addOption(new Option('--role <role>', 'default: the role of the member').choices(roles))
    .option('--expires-in-days <days>', 'default: it does not expire', numberOption({ min: 1, max: 3_650, isWhole: true }))
    .action(async (name: string, { member, role, expiresInDays }: NewKeyFlags) => {
      const optional = { ...(role === undefined ? {} : { role }), ...(expiresInDays === undefined ? {} : { expiresInDays }) };
      await mint(context, '/api/api-keys', { memberId: member, name, ...optional });
    });
  keys
    .command('rotate <key>')
    .description('Replaces a key (id) and prints the new one, this once.')
    .option('--overlap-hours <hours>', 'for how long the old one still works', numberOption({ min: 0, max: 168, isWhole: true }), 24)
    .action((keyId: string, { overlapHours }: { readonly overlapHours: number }) =>
      mint(context, `/api/api-keys/${encodeURIComponent(keyId)}/rotate`, { overlapHours }),
    );
  keys
    .command('revoke <key>')
    .description('Revokes a key (id); its next request is refused.')
    .action(async (keyId: string) =>
      context.print(keyTable([await context.api().post(`/api/api-keys/${encodeURIComponent(keyId)}/revoke`, apiKeySchema)])),
    );
}

async function listKeys(context: CommandContext, flags: { readonly json?: true }): Promise<void> {
  const keys = await context.api().list('/api/api-keys', apiKeySchema);
  context.print(flags.json === true ? `${JSON.stringify(keys, null, 2)}\n` : keyTable(keys));
}

async function mint(context: CommandContext, path: string, body: unknown): Promise<void> {
  const { apiKey, ...key } = await context.api().post(path, mintedApiKeySchema, body);
  context.print(`${keyTable([key])}\n${apiKey}\n\nIt is not shown again.\n`);
}

function keyTable(keys: readonly ApiKey[]): string {
  const rows = keys.map(({ keyId, memberId, role, name, expiresAt, revokedAt }) => [
    keyId,
    role,
    memberId,
    expiresAt ?? '-',
    revokedAt ?? '-',
    name,
  ]);
  return textTable([['KEY', 'ROLE', 'MEMBER', 'EXPIRES', 'REVOKED', 'NAME'], ...rows]);
}
