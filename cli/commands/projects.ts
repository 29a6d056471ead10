import { Option, type Command } from 'commander';
import type { z } from 'zod';

import { guardSchema } from '../../contracts/guard.ts';
import { projectSchema, type Project } from '../../contracts/project.ts';
import { guardStatementNames, type GuardStatement } from '../../domain/production-guard.ts';
import { environments, type Environment } from '../../domain/risk/assess-risk.ts';
import type { CommandContext } from '../command-context.ts';
import { findProject } from '../find-project.ts';
import { textTable } from '../text-table.ts';

export function addProjectsCommand(program: Command, context: CommandContext): void {
  const projects = program.command('projects').description('Projects, what their targets serve, and the guard before production.');
  projects
    .command('list', { isDefault: true })
    .description('Lists projects, the newest first.')
    .option('--json', 'as JSON')
    .action(async ({ json }: { readonly json?: true }) => {
      const found = await context.api().list('/api/projects', projectSchema);
      context.print(json === true ? `${JSON.stringify(found, null, 2)}\n` : projectTable(found));
    });
  projects
    .command('create <name>')
    .description('Creates a project.')
    .addOption(new Option('--environment <environment>', 'what its targets serve').choices(environments).default('test'))
    .action(async (name: string, { environment }: { readonly environment: Environment }) =>
      context.print(projectTable([await context.api().post('/api/projects', projectSchema, { name, environment })])),
    );
  projects
    .command('environment <project> <environment>')
    .description('Says what the targets of a project serve (test, staging, production); this voids its confirmations.')
    .action(async (project: string, environment: string) => {
      const { projectId } = await findProject(context.api(), project);
      const changed = await context.api().post(`/api/projects/${projectId}/environment`, projectSchema, { environment });
      context.print(projectTable([changed]));
    });
  projects
    .command('guard <project>')
    .description('Shows what is confirmed for production, by whom, and what is missing.')
    .action(async (project: string) => {
      const { projectId } = await findProject(context.api(), project);
      context.print(guardText(await context.api().get(`/api/projects/${projectId}/guard`, guardSchema)));
    });
  projects
    .command('confirm <project>')
    .description('Confirms one statement for production, in your name.')
    .addOption(new Option('--statement <statement>', 'which').choices(guardStatementNames).makeOptionMandatory())
    .requiredOption('--reason <text>', 'how you know')
    .action(async (project: string, flags: { readonly statement: GuardStatement; readonly reason: string }) => {
      const { projectId } = await findProject(context.api(), project);
      const { statement, reason } = flags;
      context.print(guardText(await context.api().post(`/api/projects/${projectId}/confirmations`, guardSchema, { statement, reason })));
    });
}

function projectTable(projects: readonly Project[]): string {
  const rows = projects.map(({ projectId, name, environment, createdAt }) => [projectId, environment, createdAt, name]);
  return textTable([['PROJECT', 'ENVIRONMENT', 'CREATED', 'NAME'], ...rows]);
}

function guardText({ environment, isOpen, statements }: z.output<typeof guardSchema>): string {
  const rows = statements.map(({ statement, confirmation }) => [
    statement,
    confirmation === null ? 'missing' : confirmation.confirmedAt,
    confirmation === null ? '-' : `${confirmation.memberName} (${confirmation.memberId})`,
    confirmation?.reason ?? '-',
  ]);
  const verdict = isOpen ? 'runs may start' : 'runs are refused until everything is confirmed';
  return `${environment}: ${verdict}\n\n${textTable([['STATEMENT', 'CONFIRMED', 'BY', 'REASON'], ...rows])}`;
}
