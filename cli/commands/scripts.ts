import { readFile } from 'node:fs/promises';

import type { Command } from 'commander';

import { parseScript } from '../../contracts/parse-script.ts';
import { scriptJsonSchema } from '../../contracts/script-json-schema.ts';
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
  scripts
    .command('schema')
    .description('Prints the JSON Schema of script files, for editors.')
    .action(() => context.print(`${JSON.stringify(scriptJsonSchema(), null, 2)}\n`));
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
    const { isOk, lines } = await lookAt(file);
    if (!isOk) context.exitWith(exitCodes.usage);
    context.print(lines.map((line) => `${printable(line)}\n`).join(''));
  }
}

async function lookAt(file: string): Promise<{ readonly isOk: boolean; readonly lines: readonly string[] }> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return { isOk: false, lines: [`${file}:1: cannot be read: ${error instanceof Error ? error.message : 'unknown reason'}`] };
  }
  const parsed = parseScript(text, file);
  if (!parsed.ok) return { isOk: false, lines: parsed.issues.map((issue) => issue.text) };
  return { isOk: true, lines: [...parsed.notices.map((notice) => `${notice.text} (notice)`), `${file}: ok`] };
}
