/** After which part of its time people are reminded of a pending approval: at half, and when a tenth is left. */
export const reminders = { first: 0.5, last: 0.9 } as const;
