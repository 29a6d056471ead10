/** The time is waited in so many parts. */
const parts = 5;

/**
 * Waits for an answer for so long, and rejects with `silence()` after that.
 *
 * A process that stands still itself, as one does whose machine or whose share of it is busy, hears nothing meanwhile. That is
 * not the silence of the other side: however long it was it counts as one part, and what has come in is read before the next.
 */
export async function answerWithin<Answer>(timeoutMs: number, answer: Promise<Answer>, silence: () => Error): Promise<Answer> {
  const silent = Promise.withResolvers<never>();
  let left = parts;
  const timer = setInterval(() => {
    left -= 1;
    if (left === 0) silent.reject(silence());
  }, timeoutMs / parts);
  timer.unref();
  try {
    return await Promise.race([answer, silent.promise]);
  } finally {
    clearInterval(timer);
  }
}
