import { done, type Tool } from './tool.ts';

/** What the assistant keeps of a person beyond the conversation; the oldest goes when there is too much. */
export class Memory {
  readonly #notes = new Map<string, string[]>();
  readonly #maxNotes = 200;

  save(person: string, note: string): void {
    const notes = [...(this.#notes.get(person) ?? []), note];
    this.#notes.set(person, notes.slice(-this.#maxNotes));
  }

  of(person: string): readonly string[] {
    return this.#notes.get(person) ?? [];
  }
}

export const memoryTools = {
  'memory.save': {
    effect: 'write',
    ownersOf: (_world, { person }) => [String(person)],
    run: (world, { person, note }) => {
      world.memory.save(String(person), String(note));
      return done('I will remember that');
    },
  },
  'memory.recall': {
    effect: 'read',
    ownersOf: (_world, { person }) => [String(person)],
    run: (world, { person }) => {
      const notes = world.memory.of(String(person));
      return done(notes.join('\n') || 'nothing', notes);
    },
  },
} as const satisfies Record<string, Tool>;
