import { CancellationScope, isCancellation } from '@temporalio/workflow';

/** Does `tasks`, which have no end of their own, for as long as `work` takes. */
export async function doBeside(work: Promise<void>, tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const scope = new CancellationScope();
  const settled = scope
    .run(() => Promise.all(tasks.map((task) => task())))
    .catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    });
  try {
    await work;
  } finally {
    scope.cancel();
    await settled;
  }
}
