import { done, type Tool } from './tool.ts';

/** The colleagues of the assistant: programs like itself, each with its own field. */
export const agentNames = ['billing', 'warehouse', 'returns'] as const;

export const agentTools = {
  'agents.hand_over': {
    effect: 'send',
    ownersOf: () => [],
    run: (_world, { agent }) => done(`the ${agent} agent has it`),
  },
} as const satisfies Record<string, Tool>;
