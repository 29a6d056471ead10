/** `npm run bench:risk`: how long risk and policy take over the plan of a large run. */
import { performance } from 'node:perf_hooks';

import { loadScriptLibrary } from '../../db/load-script-library.ts';
import { builtinPolicy, decideByPolicy } from '../../domain/policy/policy.ts';
import { assessRisk } from '../../domain/risk/assess-risk.ts';
import { print, printFigure, printMachine } from '../engine/bench-stack.ts';

const probes = 10_000;
const barSeconds = 1;
const padding = 'The quarterly figures of the northern region are below those of last year, and nobody in the office knows why. ';

printMachine();
const library = await loadScriptLibrary();
const prompts = library.flatMap((script) => script.steps.map((step) => ({ category: step.category, prompt: promptOf(step) })));

/** A body around each prompt, so that about 1.5 KB are read for a probe: the prompt and what goes over the wire. */
const rendered = Array.from({ length: probes }, (_, index) => {
  const { category, prompt } = prompts[index % prompts.length] ?? { category: 'INJ-01', prompt: '' };
  const text = `${padding.repeat(4)}${prompt} ${index}`;
  return {
    category,
    texts: [
      { where: 'prompt', text },
      { where: 'body', text: JSON.stringify({ message: text, session: `s-${index}` }) },
    ],
  };
});

const startedAt = performance.now();
const cpuBefore = process.cpuUsage();
let waiting = 0;
for (const { category, texts } of rendered) {
  const risk = assessRisk({ texts, method: null, cleanupMethod: null, effect: null, environment: 'staging' });
  const { action } = decideByPolicy([builtinPolicy], { risk, category, effect: null, environment: 'staging', kind: 'send_prompt' });
  if (action === 'approve') waiting += 1;
}
const seconds = (performance.now() - startedAt) / 1_000;
/** Of all threads: what is left of the time when other processes have the processor too. */
const cpu = process.cpuUsage(cpuBefore);
const bytes = rendered.reduce((sum, { texts }) => sum + texts.reduce((all, { text }) => all + text.length, 0), 0);
print(
  `${probes} probes, ${Math.round(bytes / probes)} characters each; ${waiting} of them would wait for a person; ${((cpu.user + cpu.system) / 1e6).toFixed(2)} s of processor time`,
);
printFigure({
  name: `risk and policy of ${probes} probes`,
  value: seconds,
  unit: 's',
  bar: `<= ${barSeconds} s`,
  isMet: seconds <= barSeconds,
});

function promptOf(step: object): string {
  return 'prompt' in step && typeof step.prompt === 'string' ? step.prompt : JSON.stringify(step);
}
