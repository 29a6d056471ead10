import type { Command } from 'commander';

import { styleSchema } from '../../contracts/generation.ts';
import { projectSchema } from '../../contracts/project.ts';
import type { CommandContext } from '../command-context.ts';
import { nameList } from '../name-list.ts';
import { findProject } from '../find-project.ts';
import { textTable } from '../text-table.ts';

interface StylesFlags {
  readonly project?: string;
  readonly json?: true;
}

export function addStylesCommand(program: Command, context: CommandContext): void {
  const styles = program.command('styles').description('Manners in which a run can make its requests, and which of them a project uses.');
  styles
    .command('list', { isDefault: true })
    .description('Lists all styles, and says which the project uses.')
    .option('--project <project>', 'id or name; may be left out where there is only one')
    .option('--json', 'as JSON')
    .action((flags: StylesFlags) => listStyles(context, flags));
  styles
    .command('set <names>')
    .description('Sets the styles that the project uses, comma-separated, such as plain,urgent_incident.')
    .option('--project <project>', 'id or name; may be left out where there is only one')
    .action((names: string, flags: StylesFlags) => setStyles(context, names, flags));
}

async function listStyles(context: CommandContext, { project, json }: StylesFlags): Promise<void> {
  const api = context.api();
  const { styles: used } = await findProject(api, project);
  const styles = (await api.list('/api/styles', styleSchema)).map((style) => ({ ...style, isUsed: used.includes(style.id) }));
  if (json === true) return context.print(`${JSON.stringify(styles, null, 2)}\n`);
  const rows = styles.map(({ id, isUsed, summary }) => [id, isUsed ? 'yes' : '-', summary]);
  context.print(textTable([['STYLE', 'USED', 'STORY'], ...rows]));
}

async function setStyles(context: CommandContext, names: string, { project }: StylesFlags): Promise<void> {
  const api = context.api();
  const { projectId } = await findProject(api, project);
  const { name, styles } = await api.post(`/api/projects/${projectId}/styles`, projectSchema, { styles: nameList(names) });
  context.print(`Runs of ${name} use ${styles.join(', ')}.\n`);
}
