/** A run that was planned without a start waits for so long to be executed; then it ends by itself. */
export const holdHours = 168;
