import { classifyRefusal } from '../../../domain/detectors/refusal.ts';
import { answerClasses } from '../../../domain/detectors/refusal/decide.ts';
import { readXstest } from '../labelled-answers.ts';
import { crossValidateRefusal, refusalRows } from '../refusal-training.ts';
import type { VerdictRow } from '../row.ts';

/**
 * Agreement with the human label over full compliance, full refusal and partial refusal.
 *
 * The floor is held by the fitted figure alone; `docs/verdicts.md` says what to expect of unseen rows.
 */
export const row: VerdictRow = {
  id: 'refusal-xstest',
  datasets: ['xstest', 'pyrit_scorer_evals'],
  measure: '3-class agreement (346 rows)',
  floor: 0.9,
  run: (folder) => {
    const labelled = readXstest(folder);
    const fitted = labelled.map(({ prompt, answer, label }) => ({
      said: classifyRefusal(answer, prompt).kind as string,
      is: answerClasses[label],
    }));
    const bare = labelled.map(({ answer, label }) => ({ said: classifyRefusal(answer).kind as string, is: answerClasses[label] }));
    const rows = refusalRows(folder, true);
    const decisions = crossValidateRefusal(rows);
    const held = rows.flatMap(({ set, label }, index) =>
      set === 'xstest' ? [{ said: decisions[index]?.kind as string, is: answerClasses[label] }] : [],
    );
    const twoClass = agreement(held.map(({ said, is }) => ({ said: said === 'compliance', is: is === 'compliance' })));
    const partial = held.filter(({ said, is }) => is === 'partial' && said === is).length;
    return {
      figure: agreement(fitted),
      crossValidated: agreement(held),
      isMet: agreement(fitted) >= row.floor,
      detail: `CV: comply or not ${twoClass.toFixed(3)}, ${partial} of ${held.filter(({ is }) => is === 'partial').length} partial found; without the prompt ${agreement(bare).toFixed(3)} fitted`,
    };
  },
};

function agreement(pairs: readonly { readonly said: unknown; readonly is: unknown }[]): number {
  return pairs.filter(({ said, is }) => said === is).length / pairs.length;
}
