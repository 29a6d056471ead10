import { literalTemplate } from '../imports/foreign-template.ts';
import { importRemediation, oneLine } from '../imports/imported-step.ts';
import type { DetectorSpec, ScriptDefinition, SendPromptStep } from '../script.ts';
import type { Severity } from '../severity.ts';

/** How a reading of a library's source stands: going on, read to its end, broken off, or overtaken by another one. */
export const libraryScanStatuses = ['open', 'complete', 'cut_short', 'abandoned'] as const;
export type LibraryScanStatus = (typeof libraryScanStatuses)[number];

/** What a source may be read as. */
export const librarySources = ['csv', 'json', 'jsonl', 'txt', 'yaml', 'promptfoo'] as const;
export type LibrarySource = (typeof librarySources)[number];

/** A library as its scripts need it. */
export interface LibraryOfScripts {
  readonly name: string;
  readonly detectors: readonly DetectorSpec[];
  readonly evidence: 'answer' | 'events';
}

export interface LibraryPrompt {
  /** From 1, never given to another entry. */
  readonly entryNo: number;
  readonly prompt: string;
  readonly title: string | null;
  readonly category: string;
  readonly severity: Severity;
}

/** An entry belongs to the same script for good, so that a change of one makes a new version of one script. */
export const entriesPerScript = 100;

/** The number of the script that an entry belongs to, from 1. */
export function scriptNumberOf(entryNo: number): number {
  return Math.ceil(entryNo / entriesPerScript);
}

/** The slug of the script with this number: `lib-jailbreaks-001`. */
function libraryScriptSlug(name: string, scriptNumber: number): string {
  return `lib-${name}-${String(scriptNumber).padStart(3, '0')}`;
}

/**
 * The script of entries that belong together: each is sent as it is, in a step whose id names library and entry and
 * therefore stays the same when the source is read again.
 */
export function libraryScript(library: LibraryOfScripts, entries: readonly [LibraryPrompt, ...LibraryPrompt[]]): ScriptDefinition {
  const scriptNumber = scriptNumberOf(entries[0].entryNo);
  return {
    slug: libraryScriptSlug(library.name, scriptNumber),
    title: `Library ${library.name}, part ${scriptNumber}`,
    description: 'Prompts of a library, each sent as it is.',
    steps: entries.map((entry) => libraryStep(library, entry)),
  };
}

function libraryStep({ name, detectors, evidence }: LibraryOfScripts, entry: LibraryPrompt): SendPromptStep {
  return {
    id: `${name}-${entry.entryNo}`,
    title: oneLine(entry.title ?? entry.prompt, 80),
    kind: 'send_prompt',
    category: entry.category,
    severity: entry.severity,
    evidence,
    prompt: literalTemplate(entry.prompt),
    detectors,
    remediation: importRemediation,
  };
}
