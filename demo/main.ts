import type { AddressInfo } from 'node:net';
import { createSidecar, type Sidecar } from '../sidecar/create-sidecar.ts';
import { hiddenContextWith } from './agent/hidden-context.ts';
import { createAgentServer } from './agent-server.ts';
import { carelessGuard } from './policy/careless.ts';
import { hardenedGuard } from './policy/hardened.ts';
import { readSettings, type Settings } from './settings.ts';

function sidecarOf({ ingestUrl, sidecarToken }: Settings): Sidecar | undefined {
  if (ingestUrl === undefined || sidecarToken === undefined) return undefined;
  return createSidecar({ ingestUrl, token: sidecarToken, onProblem: (message) => process.stderr.write(`sidecar: ${message}\n`) });
}

const settings = readSettings(process.env);
const sidecar = sidecarOf(settings);
const server = createAgentServer({
  guard: settings.agent === 'careless' ? carelessGuard : hardenedGuard,
  hidden: hiddenContextWith(settings.canary),
  sidecar,
  latencyMs: settings.latencyMs,
});

let isEnding = false;
function end(): void {
  if (isEnding) return;
  isEnding = true;
  server.close(() => {
    // Events of the last turns are worth a short wait, an ingest that is gone is not worth a long one.
    void (sidecar?.close(2_000) ?? Promise.resolve(true)).then(() => process.exit(0));
  });
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), 5_000).unref();
}

process.on('SIGTERM', end);
process.on('SIGINT', end);
if (settings.exitsWithParent) process.stdin.on('end', end).on('error', end).resume();

server.on('error', (error) => {
  process.stderr.write(`the ${settings.agent} agent cannot listen: ${error.message}\n`);
  process.exit(1);
});
server.listen(settings.port, settings.host, () => {
  const { address, port } = server.address() as AddressInfo;
  process.stdout.write(`the ${settings.agent} agent listens on http://${address}:${port}\n`);
});
