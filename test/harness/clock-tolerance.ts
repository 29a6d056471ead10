/** The clocks are one; what is compared was read a moment apart. */
export const clockToleranceMs = 5;
