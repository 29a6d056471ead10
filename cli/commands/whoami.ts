import type { Command } from 'commander';

import { whoamiSchema } from '../../contracts/member.ts';
import type { CommandContext } from '../command-context.ts';

export function addWhoamiCommand(program: Command, context: CommandContext): void {
  program
    .command('whoami')
    .description('Tells whose key this is, and what it may do.')
    .action(async () => {
      const { orgId, memberId, keyId, role } = await context.api().get('/api/whoami', whoamiSchema);
      context.print(`organization  ${orgId}\nmember        ${memberId}\nkey           ${keyId}\nrole          ${role}\n`);
    });
}
