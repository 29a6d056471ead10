/** Which runs go first where workers are short. Runs of the same priority take turns by organization. */
export const runPriorities = ['urgent', 'normal', 'low'] as const;
export type RunPriority = (typeof runPriorities)[number];

export const defaultRunPriority: RunPriority = 'normal';

/** Temporal's priority keys: the lower one goes first. */
export const priorityKeys: Readonly<Record<RunPriority, number>> = { urgent: 1, normal: 3, low: 5 };
