import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonLines } from './data-folder.ts';

/** One labelled text for the injection scanner. */
export interface InjectionSample {
  readonly set: string;
  readonly text: string;
  readonly isInjection: boolean;
}

/** The three sets whose figures are published. */
export function readMeasuredSamples(folder: string): InjectionSample[] {
  const deepset = readJsonLines(folder, 'deepset_prompt_injections/train.jsonl', (value) => value as { text: string; label: number });
  const notinject = readJsonLines(folder, 'notinject/notinject.jsonl', (value) => value as { prompt: string });
  const everyday = readJsonLines(folder, 'benign_prompts/fuzzyai_benign.jsonl', (value) => value as { prompt: string });
  return [
    ...deepset.map(({ text, label }) => ({ set: 'deepset', text, isInjection: label === 1 })),
    ...notinject.map(({ prompt }) => ({ set: 'notinject', text: prompt, isInjection: false })),
    ...everyday.map(({ prompt }) => ({ set: 'benign', text: prompt, isInjection: false })),
  ];
}

/** Further sets that widen the training: requests on security topics, conversations, e-mails, extraction attempts, jailbreaks. */
export function readFurtherSamples(folder: string): InjectionSample[] {
  const topics = readJsonLines(folder, 'cyberseceval/mitre_frr_benign.jsonl', (value) => value as { prompt: string });
  const emails = readJsonLines(folder, 'bipia/email_train.jsonl', (value) => value as { context: string });
  const jailbreaks = readJsonLines(folder, 'jailbreaks_in_the_wild/jailbreak_prompts.jsonl', (value) => value as { prompt: string });
  const cyber = readJsonLines(
    folder,
    'cyberseceval/prompt_injection_en.jsonl',
    (value) => value as { user_input: string; injection_type: string },
  );
  const extraction = ['attacks.json', 'generated.json', 'selected.json'].flatMap(
    (file) => JSON.parse(readFileSync(join(folder, 'prompt_extraction_attacks', file), 'utf8')) as string[],
  );
  const turns = readJsonLines(folder, 'tau_bench_traces/gpt-4o-airline.jsonl', (value) => value as TracedConversation);
  return [
    ...spokenTurns(turns).map((text) => ({ set: 'conversations', text, isInjection: false })),
    ...topics.map(({ prompt }) => ({ set: 'security topics', text: prompt, isInjection: false })),
    ...emails.map(({ context }) => ({ set: 'e-mails', text: context, isInjection: false })),
    ...extraction.map((text) => ({ set: 'extraction', text, isInjection: true })),
    ...jailbreaks.map(({ prompt }) => ({ set: 'jailbreaks', text: prompt, isInjection: true })),
    ...cyber.map(({ user_input }) => ({ set: 'cyberseceval', text: user_input, isInjection: true })),
  ];
}

interface TracedConversation {
  readonly traj: readonly { readonly role: string; readonly content: string | null }[];
}

const conversationsForTraining = 60;
const longestTurn = 600;

/** What customers and agents say in the first conversations, each sentence once; the other conversations stay unseen. */
function spokenTurns(conversations: readonly TracedConversation[]): string[] {
  const spoken = conversations
    .slice(0, conversationsForTraining)
    .flatMap(({ traj }) => traj)
    .filter(({ role, content }) => (role === 'user' || role === 'assistant') && content !== null && content.length <= longestTurn)
    .map(({ content }) => (content ?? '').replace('###STOP###', '').trim());
  return [...new Set(spoken)].filter((text) => text.length > 0);
}

export const datasetsOfInjectionTraining = [
  'deepset_prompt_injections',
  'notinject',
  'benign_prompts',
  'cyberseceval',
  'bipia',
  'jailbreaks_in_the_wild',
  'prompt_extraction_attacks',
  'tau_bench_traces',
] as const;
