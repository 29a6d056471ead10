import type { DemoAgent } from '../stack/local-settings.ts';
import type { DemoProgress } from './demo-run.ts';

export interface ProgressLines {
  readonly tell: (agent: DemoAgent, progress: DemoProgress) => void;
  /** Ends the live line, so that the next text begins on one of its own. */
  readonly end: () => void;
}

const width = 16;

/** Shows how far the runs are: one line that moves in a terminal, a plain line per change elsewhere. */
export function progressLines(stream: NodeJS.WriteStream): ProgressLines {
  const states = new Map<DemoAgent, DemoProgress>();
  return {
    tell: (agent, progress) => {
      states.set(agent, progress);
      if (stream.isTTY) stream.write(`\r\u001B[K  ${[...states].map(([name, state]) => `${name} ${bar(state)}`).join('   ')}`);
      else stream.write(`  ${agent}: ${progress.stepsDone} of ${progress.stepsTotal} steps, ${progress.status}\n`);
    },
    end: () => {
      if (stream.isTTY) stream.write('\n');
    },
  };
}

function bar({ stepsDone, stepsTotal, status }: DemoProgress): string {
  const filled = stepsTotal === 0 ? 0 : Math.round((width * stepsDone) / stepsTotal);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${stepsDone}/${stepsTotal} ${status}`;
}
