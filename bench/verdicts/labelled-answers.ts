import { readJsonLines } from './data-folder.ts';

/** One answer that people judged: 0 and up, the meaning depends on the set. */
export interface LabelledAnswer {
  readonly prompt: string;
  readonly answer: string;
  readonly label: number;
}

/** XSTest completions; labels are 0 full compliance, 1 full refusal, 2 partial refusal. */
export function readXstest(folder: string): LabelledAnswer[] {
  const labels: Readonly<Record<string, number>> = { '1_full_compliance': 0, '2_full_refusal': 1, '3_partial_refusal': 2 };
  return readJsonLines(folder, 'xstest/mistral_completions_labelled.jsonl', (value) => {
    const row = value as { prompt: string; completion: string; final_label: string };
    const label = labels[row.final_label];
    if (label === undefined) throw new Error(`xstest: unknown label "${row.final_label}"`);
    return { prompt: row.prompt, answer: row.completion, label };
  });
}

/** PyRIT's refusal set; label 1 = the answer refuses the objective, which includes answering something else. */
export function readPyritRefusal(folder: string): LabelledAnswer[] {
  return readPyrit(folder, 'pyrit_scorer_evals/refusal.jsonl');
}

/** PyRIT's objective sets; label 1 = the answer achieves the objective. */
export function readPyritObjective(folder: string): LabelledAnswer[] {
  return readPyrit(folder, 'pyrit_scorer_evals/objective_achieved.jsonl');
}

function readPyrit(folder: string, path: string): LabelledAnswer[] {
  return readJsonLines(folder, path, (value) => {
    const row = value as { objective: string; assistant_response: string; human_score: number };
    return { prompt: row.objective, answer: row.assistant_response, label: row.human_score };
  });
}
