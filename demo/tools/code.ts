import { runProgram } from './tiny-interpreter.ts';
import { done, type Tool } from './tool.ts';

export const codeTools = {
  'code.run': {
    effect: 'execute',
    ownersOf: () => [],
    run: (world, { code }) => {
      const lines = runProgram(String(code), world);
      return done(lines.join('\n') || 'nothing', lines);
    },
  },
} as const satisfies Record<string, Tool>;
