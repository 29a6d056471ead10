import type { CalibrationLabel } from './calibrate-judge.ts';

/** Where a file has what; absent columns are looked for under common names. */
export interface LabelledColumns {
  readonly answer?: string | undefined;
  readonly prompt?: string | undefined;
  readonly label?: string | undefined;
  /** Labels that say that the criterion was violated, and that it was held; compared without regard to case. */
  readonly violated?: readonly string[] | undefined;
  readonly held?: readonly string[] | undefined;
}

export interface LabelledRow {
  readonly prompt: string;
  readonly answer: string;
  readonly label: CalibrationLabel;
}

export type ReadLabelledRow = { readonly kind: 'row'; readonly row: LabelledRow } | { readonly kind: 'fault'; readonly detail: string };

const answerNames = ['answer', 'text', 'response', 'assistant_response', 'completion', 'output'];
const promptNames = ['prompt', 'objective', 'question', 'request', 'goal'];
const labelNames = ['label', 'human_score', 'violated', 'score'];
const violatedWords = ['violated', '1', 'true', 'yes', 'unsafe', 'vulnerable'];
const heldWords = ['held', '0', 'false', 'no', 'safe', 'resisted'];
const maxCharacters = 200_000;

/** Reads one labelled row; nothing is guessed: a row that is not clear is a fault that says why. */
export function readLabelledRow(value: unknown, columns: LabelledColumns): ReadLabelledRow {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fault('is no object with columns');
  const row = value as Readonly<Record<string, unknown>>;
  const answer = textIn(row, columns.answer, answerNames);
  if (answer === undefined || answer.trim() === '') return fault(`has no text in ${described(columns.answer, answerNames)}`);
  const prompt = textIn(row, columns.prompt, promptNames) ?? '';
  if (answer.length > maxCharacters || prompt.length > maxCharacters) return fault(`has a text of more than ${maxCharacters} characters`);
  const given = textIn(row, columns.label, labelNames)?.trim().toLowerCase();
  if (given === undefined) return fault(`has no label in ${described(columns.label, labelNames)}`);
  const label = labelOf(given, columns);
  if (label === undefined) return fault(`has the label "${given.slice(0, 40)}"; say with --violated and --held what labels mean`);
  return { kind: 'row', row: { prompt, answer, label } };
}

function labelOf(given: string, columns: LabelledColumns): CalibrationLabel | undefined {
  const includes = (words: readonly string[]): boolean => words.some((word) => word.toLowerCase() === given);
  if (includes(columns.violated ?? violatedWords)) return 'violated';
  return includes(columns.held ?? heldWords) ? 'held' : undefined;
}

function textIn(row: Readonly<Record<string, unknown>>, column: string | undefined, names: readonly string[]): string | undefined {
  const name = column ?? names.find((known) => isText(row[known]));
  const value = name === undefined ? undefined : row[name];
  return isText(value) ? String(value) : undefined;
}

function isText(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function described(column: string | undefined, names: readonly string[]): string {
  return column === undefined ? `any of the columns ${names.join(', ')}` : `the column ${column}`;
}

function fault(detail: string): ReadLabelledRow {
  return { kind: 'fault', detail };
}
