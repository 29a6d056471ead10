import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import type { Command } from 'commander';

import { OrdealError } from '../../domain/failures.ts';
import { isWebhookSecret } from '../../runtime/webhook-signature.ts';
import type { CommandContext } from '../command-context.ts';
import { onInterrupt } from '../interrupts.ts';
import { numberOption } from '../number-option.ts';
import { printableLine } from '../printable.ts';
import { createWebhookReceiver, type Receipt } from '../webhook-receiver.ts';

interface ListenFlags {
  readonly port: number;
  readonly host: string;
  readonly secret?: string;
}

/** `ordeal webhooks listen`: needs no API. */
export function addListenWebhooksCommand(webhooks: Command, context: CommandContext): void {
  webhooks
    .command('listen')
    .description('Receives webhooks until it is interrupted, and says of each whether signature and time hold, and whether it is new.')
    .option('--port <port>', '0 for any free one', numberOption({ min: 0, max: 65_535, isWhole: true }), 8_787)
    .option('--host <host>', 'to listen on', '127.0.0.1')
    .option('--secret <secret>', 'of the webhook; better set ORDEAL_WEBHOOK_SECRET, which other users of the machine cannot see')
    .action((flags: ListenFlags) => listen(context, flags));
}

async function listen({ print, stderr }: CommandContext, { port, host, secret }: ListenFlags): Promise<void> {
  const known = secret ?? process.env['ORDEAL_WEBHOOK_SECRET'] ?? '';
  if (!isWebhookSecret(known)) {
    throw new OrdealError(
      'invalid_request',
      'The secret of the webhook is missing, or is none: it begins with whsec_. Set ORDEAL_WEBHOOK_SECRET.',
    );
  }
  const server = createWebhookReceiver(known, (receipt) => print(lineOf(receipt)));
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  stderr.write(
    `Listening on http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}, until Ctrl+C.\n`,
  );
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  const interrupts = onInterrupt({ first: close, second: close });
  await once(server, 'close');
  interrupts.release();
}

function lineOf(receipt: Receipt): string {
  switch (receipt.kind) {
    case 'refused':
      return `REFUSED  ${receipt.reason}\n`;
    case 'again':
      return `AGAIN    ${printableLine(receipt.id)}: signed, in time, and received before: dropped\n`;
    case 'new':
      return `NEW      ${printableLine(receipt.id)}: signed and in time: ${printableLine(receipt.body)}\n`;
  }
}
