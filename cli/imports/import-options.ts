import path from 'node:path';

import { InvalidArgumentError, Option, type Command } from 'commander';

import { isCategoryId } from '../../domain/imports/prompt-row.ts';
import { severities, type Severity } from '../../domain/severity.ts';

/** How the rows of a source are read. */
export interface RowFlags {
  readonly category: string;
  readonly severity: Severity;
  readonly fill: Readonly<Record<string, string>>;
}

/** Options of every import to files. */
export interface ImportFlags extends RowFlags {
  readonly out?: string;
  readonly slug?: string;
  readonly dryRun?: true;
}

export function addImportOptions(command: Command): Command {
  return addRowOptions(
    command
      .option('--out <folder>', 'write files there (default: print them; the three lists then go to standard error)')
      .option('--slug <slug>', 'of the scripts, which are numbered (default: the name of the file)', slugOption),
  ).option('--dry-run', 'write nothing, print the three lists alone');
}

export function addRowOptions(command: Command): Command {
  return command
    .option('--category <id>', 'of prompts whose row names none', categoryOption, 'JBK-01')
    .addOption(new Option('--severity <severity>', 'of prompts whose row names none').choices(severities).default('medium'))
    .option('--fill <name=text>', 'value of a placeholder such as prompt or env.BASE_URL; may be repeated', fillOption, {});
}

/** The slug of the scripts: as given, or the name of the file without what a slug cannot have. */
export function slugOf(flags: ImportFlags, file: string): string {
  if (flags.slug !== undefined) return flags.slug;
  const name = path
    .basename(file, path.extname(file))
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[-_]+|[-_]+$/g, '');
  return name.slice(0, 50) || 'imported';
}

function slugOption(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,49}$/.test(text)) return text;
  throw new InvalidArgumentError('It must have 1 to 50 letters, digits, dashes or underscores.');
}

function categoryOption(text: string): string {
  if (isCategoryId(text)) return text;
  throw new InvalidArgumentError('It must be one of `ordeal categories`, such as JBK-01.');
}

function fillOption(text: string, earlier: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('It must look like NAME=TEXT.');
  return { ...earlier, [text.slice(0, equals)]: text.slice(equals + 1) };
}
