import { existsSync } from 'node:fs';

import type { Command } from 'commander';

import { resealedSecretsSchema } from '../../contracts/secret.ts';
import { targetSchema, targetTestSchema, type Target } from '../../contracts/target.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { findProject } from '../find-project.ts';
import { findTarget } from '../find-target.ts';
import { printableLine } from '../printable.ts';
import { readTargetFile } from '../read-target-file.ts';
import { targetTestView } from '../target-test-view.ts';
import { textTable } from '../text-table.ts';

interface TargetFlags {
  readonly project?: string;
  readonly json?: true;
  readonly fromEnv?: readonly string[];
}

const envOption = ['--from-env <field=variable...>', 'credential from the environment, such as auth.token=AGENT_TOKEN'] as const;

/** `ordeal targets`: the agents to test, and how to talk to them. */
export function addTargetsCommand(program: Command, context: CommandContext): void {
  const targets = program.command('targets').description('Creates, lists, shows, tests and changes targets: agents to test.');
  const add = (name: string, description: string): Command =>
    targets.command(name).description(description).option('--project <project>', 'id or name').option('--json', 'as JSON');
  add('create', 'Creates a target from a YAML or JSON file with "name", "definition" and "auth".')
    .argument('<file>')
    .option(...envOption)
    .action((file: string, flags: TargetFlags) => createTarget(context, file, flags));
  add('list', 'Lists the targets of a project, the newest first.').action((flags: TargetFlags) => listTargets(context, flags));
  add('show', 'Shows a target; its credential is never shown.')
    .argument('<target>', 'id or name')
    .action((target: string, flags: TargetFlags) => showTarget(context, target, flags));
  add(
    'test',
    'Sends one harmless prompt and says what was sent, what came back, what was read, and what to change. Exits 3 when that fails.',
  )
    .argument('<target>', 'id or name of a target, or a file with one that is not created yet')
    .option(...envOption)
    .action((target: string, flags: TargetFlags) => testTarget(context, target, flags));
  add('update', 'Changes a target: what the file leaves out stays. Another origin clears the credential unless the file has one.')
    .argument('<target>', 'id or name')
    .argument('<file>')
    .option(...envOption)
    .action((target: string, file: string, flags: TargetFlags) => updateTarget(context, target, { ...flags, file }));
  targets
    .command('reseal')
    .description('Seals every stored credential with the newest key of ORDEAL_SECRET_KEY, so that an older one can be retired.')
    .action(() => resealSecrets(context));
}

async function createTarget(context: CommandContext, file: string, flags: TargetFlags): Promise<void> {
  const body = await readTargetFile(file, flags.fromEnv ?? [], process.env);
  const api = context.api();
  const { projectId } = await findProject(api, flags.project);
  const target = await api.post(`/api/projects/${projectId}/targets`, targetSchema, body);
  if (flags.json === true) return printJson(context, target);
  context.print(`Created ${printableLine(target.name)}: ${target.targetId}\nTry it: ordeal targets test ${target.targetId}\n`);
}

async function listTargets(context: CommandContext, flags: TargetFlags): Promise<void> {
  const api = context.api();
  const { projectId } = await findProject(api, flags.project);
  const targets = await api.list(`/api/projects/${projectId}/targets`, targetSchema);
  if (flags.json === true) return printJson(context, targets);
  if (targets.length === 0) return context.print('No targets. Make one: ordeal targets create FILE\n');
  const rows = targets.map((target) => [target.targetId, target.definition.kind, credentialOf(target), target.definition.url, target.name]);
  context.print(textTable([['TARGET', 'KIND', 'CREDENTIAL', 'URL', 'NAME'], ...rows]));
}

async function showTarget(context: CommandContext, wanted: string, flags: TargetFlags): Promise<void> {
  const target = await findTarget(context.api(), { ...flags, target: wanted });
  if (flags.json === true) return printJson(context, target);
  const { targetId, projectId, revision, updatedAt, definition } = target;
  const facts = [
    ['target', targetId],
    ['name', target.name],
    ['project', projectId],
    ['credential', credentialOf(target)],
    ['revision', `${revision}, of ${updatedAt}`],
  ];
  context.print(`${textTable(facts)}\n${JSON.stringify(definition, null, 2)}\n`);
}

async function testTarget(context: CommandContext, wanted: string, flags: TargetFlags): Promise<void> {
  const api = context.api();
  const isFile = /\.(?:json|ya?ml)$/i.test(wanted) || wanted.includes('/') || existsSync(wanted);
  const test = isFile
    ? await api.post(
        `/api/projects/${(await findProject(api, flags.project)).projectId}/target-tests`,
        targetTestSchema,
        await readTargetFile(wanted, flags.fromEnv ?? [], process.env),
      )
    : await api.post(`/api/targets/${(await findTarget(api, { ...flags, target: wanted })).targetId}/test`, targetTestSchema);
  if (!test.ok) context.exitWith(exitCodes.incomplete);
  if (flags.json === true) return printJson(context, test);
  context.print(targetTestView(test));
}

async function updateTarget(context: CommandContext, wanted: string, flags: TargetFlags & { readonly file: string }): Promise<void> {
  const body = await readTargetFile(flags.file, flags.fromEnv ?? [], process.env);
  const api = context.api();
  const before = await findTarget(api, { ...flags, target: wanted });
  const after = await api.patch(`/api/targets/${before.targetId}`, targetSchema, { revision: before.revision, ...body });
  if (flags.json === true) return printJson(context, after);
  const isCleared = credentialOf(before) !== 'none' && credentialOf(after) === 'none' && body['auth'] !== null;
  const note = isCleared ? 'Its credential was cleared, because it was given for another address. Set it again.\n' : '';
  context.print(`Changed ${printableLine(after.name)} (${after.targetId}), now revision ${after.revision}.\n${note}`);
}

async function resealSecrets(context: CommandContext): Promise<void> {
  const api = context.api();
  for (;;) {
    const { keyId, resealed, unreadable, isComplete } = await api.post('/api/secrets/reseal', resealedSecretsSchema);
    context.print(`Sealed ${resealed} with key ${keyId}.\n`);
    for (const { kind, id, detail } of unreadable) context.print(`${kind} ${id}: ${printableLine(detail)}\n`);
    if (unreadable.length > 0) context.exitWith(exitCodes.incomplete);
    if (isComplete || resealed === 0) return;
  }
}

function credentialOf({ authKind, hasClientCertificate }: Target): string {
  const parts = [...(authKind === null ? [] : [authKind]), ...(hasClientCertificate ? ['client certificate'] : [])];
  return parts.length === 0 ? 'none' : parts.join(' and ');
}

function printJson(context: CommandContext, value: unknown): void {
  context.print(`${JSON.stringify(value, null, 2)}\n`);
}
