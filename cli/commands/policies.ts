import type { Command } from 'commander';

import { policyCheckResultSchema, policySchema } from '../../contracts/policy.ts';
import { projectSchema } from '../../contracts/project.ts';
import { OrdealError } from '../../domain/failures.ts';
import type { RunId } from '../../domain/ids.ts';
import type { CommandContext } from '../command-context.ts';
import { findProject } from '../find-project.ts';
import { readConfigFile } from '../imports/read-config.ts';
import { numberOption } from '../number-option.ts';
import { policiesText, policyCheckText } from '../policy-view.ts';
import { runIdArgument } from '../run-id-argument.ts';

export function addPoliciesCommand(program: Command, context: CommandContext): void {
  const policies = program.command('policies').description('Which requests are sent, refused, or wait for people.');
  policies
    .command('list', { isDefault: true })
    .description('Shows the policies as they are now, in the order in which they are tried.')
    .option('--json', 'as JSON')
    .action((flags: { readonly json?: true }) => listPolicies(context, flags));
  policies
    .command('set <file>')
    .description('Sets the policy of the organization, or of one project, from a file of JSON or YAML.')
    .option('--project <project>', 'id or name')
    .option(
      '--based-on <version>',
      'the version that the file was edited from, 0 for none; refused when there is another by now',
      numberOption({ min: 0, max: 1_000_000, isWhole: true }),
    )
    .action(async (file: string, { project, basedOn }: { readonly project?: string; readonly basedOn?: number }) => {
      const document = await readDocument(file);
      const projectId = project === undefined ? null : (await findProject(context.api(), project)).projectId;
      const { policyId, version } = await context.api().post('/api/policies', policySchema, { projectId, document, basedOn });
      context.print(`${policyId} is at version ${version}\n`);
    });
  policies
    .command('check')
    .argument('<run>', 'id of the run', runIdArgument)
    .argument('[file]', 'a policy of JSON or YAML; default: the policies as they are')
    .description('Tells what would wait or be refused in the plan of a run; changes nothing.')
    .option('--project', 'try the file as the policy of the project of the run; default: as that of the organization')
    .action(async (runId: RunId, file: string | undefined, { project }: { readonly project?: true }) => {
      const replaces = project === true ? 'project' : 'organization';
      const body = file === undefined ? {} : { document: await readDocument(file), replaces };
      context.print(policyCheckText(await context.api().post(`/api/runs/${runId}/policy-check`, policyCheckResultSchema, body)));
    });
}

async function listPolicies(context: CommandContext, { json }: { readonly json?: true }): Promise<void> {
  const policies = await context.api().list('/api/policies', policySchema);
  if (json === true) return context.print(`${JSON.stringify(policies, null, 2)}\n`);
  const projects = await context.api().list('/api/projects', projectSchema);
  context.print(policiesText(policies, new Map(projects.map(({ projectId, name }) => [projectId, name]))));
}

async function readDocument(file: string): Promise<unknown> {
  const [document, ...others] = await readConfigFile(file);
  if (document !== undefined && others.length === 0) return document.value;
  throw new OrdealError('invalid_request', `${file} must hold one policy: a mapping with "rules".`);
}
