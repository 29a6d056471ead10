import { proxyActivities } from '@temporalio/workflow';

const { callTarget } = proxyActivities<{ callTarget(url: string): Promise<void> }>({ startToCloseTimeout: '1 minute' });

/** The least that a Temporal workflow can do for `steps` requests in `lanes` lanes: no ledger, no verdict. */
export async function bareWorkflow(input: { readonly steps: number; readonly lanes: number; readonly url: string }): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < input.steps) {
      next += 1;
      await callTarget(input.url);
    }
  };
  await Promise.all(Array.from({ length: input.lanes }, lane));
}
