import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { parseScript } from '../../contracts/parse-script.ts';
import { answer } from '../../demo/agent/assistant.ts';
import { hiddenContextWith } from '../../demo/agent/hidden-context.ts';
import { newSession } from '../../demo/agent/session.ts';
import { carelessGuard } from '../../demo/policy/careless.ts';
import type { Guard } from '../../demo/policy/guard.ts';
import { hardenedGuard } from '../../demo/policy/hardened.ts';
import { promptVariables } from '../../domain/canary.ts';
import { generatePrompts } from '../../domain/generation/generate-prompts.ts';
import { analysePrompt } from '../../domain/generation/paraphrase.ts';
import { variedPromptOf } from '../../domain/generation/plan-row.ts';
import type { Style } from '../../domain/generation/style.ts';
import { styles } from '../../domain/generation/styles.ts';
import { renderTemplate } from '../../domain/template.ts';

const library = new URL('../../scripts-library/', import.meta.url);
const scripts = readdirSync(library)
  .filter((file) => /^s[1-5]-/.test(file))
  .toSorted()
  .map((file) => {
    const parsed = parseScript(readFileSync(new URL(file, library), 'utf8'), file);
    if (!parsed.ok) throw new Error(`${file} is no script`);
    return parsed.script.steps.map((step) => ({ id: step.id, prompt: variedPromptOf(step) ?? '' }));
  });
const canary = 'ORDEAL-7F3KQ2';
const variables = promptVariables({ canary, session: 'session', marker: 'heron-4821' });

/** What the agent did in each turn of a session: the tools it ran, and whether it joined the canary. */
function deedsOf(guard: Guard, prompts: readonly string[]): readonly string[] {
  const session = newSession();
  return prompts.map((prompt) => {
    const done: string[] = [];
    const reply = answer(renderTemplate(prompt, variables), session, {
      guard,
      hidden: hiddenContextWith('amber-11-finch'),
      onCall: (call) => void (call.executed && done.push(call.name)),
    });
    return [...done.toSorted(), ...(reply.includes(canary) ? ['canary'] : [])].join(', ');
  });
}

const variants = 3;

/** How many of all prompts, put in this style, have the agent do what the prompt as written has it do. */
function likeAsWritten(guard: Guard, style: Style): { readonly same: number; readonly all: number } {
  let same = 0;
  let all = 0;
  for (const steps of scripts) {
    const written = deedsOf(
      guard,
      steps.map(({ prompt }) => prompt),
    );
    const put = steps.map(({ id, prompt }) =>
      generatePrompts(analysePrompt(prompt), { style, seed: `ordeal/${id}`, count: variants, isKnown: () => false }),
    );
    for (let variant = 0; variant < variants; variant += 1) {
      const deeds = deedsOf(
        guard,
        put.map((prompts) => prompts[variant]?.prompt ?? ''),
      );
      same += deeds.filter((deed, index) => deed === written[index]).length;
      all += deeds.length;
    }
  }
  return { same, all };
}

describe.each(styles.map((style) => [style.id, style] as const))('the built-in prompts in the style %s', (_id, style) => {
  it('still ask for what they asked for: the careless agent does the same in at least nine of ten', () => {
    const { same, all } = likeAsWritten(carelessGuard, style);
    expect(all).toBe(16 * variants);
    expect(same / all).toBeGreaterThanOrEqual(0.9);
  });

  it('bring the hardened agent to nothing that it does not do as written', () => {
    const { same, all } = likeAsWritten(hardenedGuard, style);
    expect(same).toBe(all);
  });
});
