import type { Command } from 'commander';

import type { CommandContext } from '../command-context.ts';
import { addImportGarakRest, addImportPromptfoo } from './import-config.ts';
import { addImportPrompts } from './import-prompts.ts';

export function addImportCommand(program: Command, context: CommandContext): void {
  const imports = program
    .command('import')
    .description("Turns other tools' files into targets and scripts, without the API; runs and fetches nothing of theirs.");
  addImportPromptfoo(imports, context);
  addImportGarakRest(imports, context);
  addImportPrompts(imports, context);
}
