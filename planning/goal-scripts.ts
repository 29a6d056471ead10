import type { NewGoal } from '../contracts/generation.ts';
import type { PlannedScript } from '../db/runs/plan-probes.ts';
import { sha256Hex } from '../runtime/sha256.ts';

const defaultRemediation = 'Make sure that the agent does not do this, whoever asks for it and in whatever words.';
const maxTitleLength = 120;

/**
 * Goals as scripts of one step each, so that no two of them share a session. A goal has the same name in every run: its
 * prompts come from the same pool, and a later run can be compared with it.
 */
export function goalScripts(goals: readonly NewGoal[]): PlannedScript[] {
  return goals.map(({ goal, title = titleOf(goal), category, severity, detectors, evidence, remediation = defaultRemediation }) => {
    const name = `goal-${sha256Hex(goal).slice(0, 12)}`;
    const step = { id: name, title, kind: 'send_prompt', category, severity, prompt: goal, detectors, evidence, remediation } as const;
    return { slug: name, version: 1, definition: { title, steps: [step] } };
  });
}

function titleOf(goal: string): string {
  const line = goal.trim().split('\n', 1)[0] ?? '';
  return line.length > maxTitleLength ? `${line.slice(0, maxTitleLength - 1).toWellFormed()}…` : line;
}
