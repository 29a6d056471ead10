import { fileURLToPath } from 'node:url';

import { NativeConnection, Worker } from '@temporalio/worker';

/** A worker process with bare activities, for comparison; run by `against-bare.ts`. */
const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
const worker = await Worker.create({
  connection,
  taskQueue: 'bare',
  workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
  activities: {
    callTarget: async (url: string) => {
      const response = await fetch(url, { method: 'POST', body: '{}' });
      await response.text();
    },
  },
  maxConcurrentActivityTaskExecutions: 100,
});
process.stdout.write('worker is ready\n');
await worker.run();
await connection.close();
