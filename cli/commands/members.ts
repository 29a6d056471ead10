import { Option, type Command } from 'commander';

import { memberSchema, type Member } from '../../contracts/member.ts';
import { roles, type Role } from '../../domain/roles.ts';
import type { CommandContext } from '../command-context.ts';
import { textTable } from '../text-table.ts';

export function addMembersCommand(program: Command, context: CommandContext): void {
  const members = program.command('members').description('People and machines of the organization, and their roles.');
  members
    .command('list', { isDefault: true })
    .description('Lists members, the newest first.')
    .option('--json', 'as JSON')
    .action((flags: { readonly json?: true }) => listMembers(context, flags));
  members
    .command('add <name>')
    .description('Adds a member.')
    .addOption(new Option('--role <role>', 'what the member may do').choices(roles).makeOptionMandatory())
    .action((name: string, { role }: { readonly role: Role }) => change(context, '/api/members', { name, role }));
  members
    .command('role <member> <role>')
    .description('Gives a member (id) another role.')
    .action((memberId: string, role: string) => change(context, `/api/members/${encodeURIComponent(memberId)}/role`, { role }));
  members
    .command('remove <member>')
    .description('Removes a member (id); none of its keys works any more.')
    .action((memberId: string) => change(context, `/api/members/${encodeURIComponent(memberId)}/remove`));
}

async function listMembers(context: CommandContext, flags: { readonly json?: true }): Promise<void> {
  const members = await context.api().list('/api/members', memberSchema);
  context.print(flags.json === true ? `${JSON.stringify(members, null, 2)}\n` : memberTable(members));
}

async function change(context: CommandContext, path: string, body?: unknown): Promise<void> {
  context.print(memberTable([await context.api().post(path, memberSchema, body)]));
}

function memberTable(members: readonly Member[]): string {
  const rows = members.map(({ memberId, name, role, createdAt, removedAt }) => [memberId, role, name, createdAt, removedAt ?? '-']);
  return textTable([['MEMBER', 'ROLE', 'NAME', 'CREATED', 'REMOVED'], ...rows]);
}
