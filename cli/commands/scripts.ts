import { readFile } from 'node:fs/promises';

import type { Command } from 'commander';

import { parseScript } from '../../contracts/parse-script.ts';
import { scriptSchema } from '../../contracts/script-record.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { printable } from '../printable.ts';
import { textTable } from '../text-table.ts';

export function addScriptsCommand(program: Command, context: CommandContext): void {
  const scripts = program.command('scripts').description('Lists the scripts that a run may use.').option('--json', 'as JSON');
  scripts.action((flags: { readonly json?: true }) => listScripts(context, flags.json === true));
  scripts
    .command('validate')
    .description('Checks script files without the API; prints `file:line: path: message` for whatever is wrong, and exits 2 then.')
    .argument('<files...>', 'YAML or JSON files')
    .action((files: readonly string[]) => validateScripts(context, files));
}

async function listScripts(context: CommandContext, isJson: boolean): Promise<void> {
  const scripts = await context.api().list('/api/scripts', scriptSchema);
  if (isJson) return context.print(`${JSON.stringify(scripts, null, 2)}\n`);
  const rows = scripts.map(({ slug, latestVersion, steps, isBuiltin, title }) => [
    slug,
    String(latestVersion),
    String(steps),
    isBuiltin ? 'built in' : 'own',
    title,
  ]);
  context.print(textTable([['SCRIPT', 'VERSION', 'STEPS', 'ORIGIN', 'TITLE'], ...rows]));
}

async function validateScripts(context: CommandContext, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const issues = await issuesOf(file);
    if (issues.length > 0) context.exitWith(exitCodes.usage);
    context.print(issues.length === 0 ? `${file}: ok\n` : issues.map((text) => `${printable(text)}\n`).join(''));
  }
}

async function issuesOf(file: string): Promise<readonly string[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return [`${file}:1: cannot be read: ${error instanceof Error ? error.message : 'unknown reason'}`];
  }
  const parsed = parseScript(text, file);
  return parsed.ok ? [] : parsed.issues.map((issue) => issue.text);
}
