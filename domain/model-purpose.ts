/** What Ordeal asks a language model for. Each has its own list of models, and none by default. */
export const modelPurposes = ['judge', 'attacker', 'generator'] as const;
export type ModelPurpose = (typeof modelPurposes)[number];
