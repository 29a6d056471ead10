import { setTimeout as sleep } from 'node:timers/promises';

import { Option, type Command } from 'commander';

import {
  deliveryDetailSchema,
  deliverySchema,
  mintedWebhookSchema,
  removedWebhookSchema,
  webhookSchema,
  type Delivery,
  type Webhook,
} from '../../contracts/webhook.ts';
import { deliveryStatuses, type DeliveryStatus } from '../../domain/webhooks/delivery-plan.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { findProject } from '../find-project.ts';
import { nameList } from '../name-list.ts';
import { numberOption } from '../number-option.ts';
import { textTable } from '../text-table.ts';
import { addListenWebhooksCommand } from './listen-webhooks.ts';

interface Json {
  readonly json?: true;
}

/** `ordeal webhooks`: who is told of approvals. */
export function addWebhooksCommand(program: Command, context: CommandContext): void {
  const webhooks = program.command('webhooks').description('Receivers that are told of approvals, and what became of it.');
  webhooks
    .command('list', { isDefault: true })
    .description('Lists webhooks, the newest first.')
    .option('--json', 'as JSON')
    .action(async ({ json }: Json) => {
      const found = await context.api().list('/api/webhooks', webhookSchema);
      context.print(json === true ? `${JSON.stringify(found, null, 2)}\n` : webhookTable(found));
    });
  addChanges(webhooks, context);
  webhooks
    .command('test <webhook>')
    .description('Sends a message of its own and waits for what becomes of it; exit code 1 when it does not arrive.')
    .action((webhookId: string) => testWebhook(context, webhookId));
  webhooks
    .command('deliveries <webhook>')
    .description('Lists deliveries of the last 30 days, the newest first.')
    .addOption(new Option('--status <status>', 'in which state').choices(deliveryStatuses))
    .option('--limit <count>', 'how many', numberOption({ min: 1, max: 1_000, isWhole: true }), 50)
    .option('--json', 'as JSON')
    .action((webhookId: string, flags: DeliveriesFlags) => listDeliveries(context, webhookId, flags));
  webhooks
    .command('redeliver <delivery>')
    .description('Makes a delivery once more that has ended, under the same id.')
    .action(async (deliveryId: string) => {
      const path = `/api/webhook-deliveries/${encodeURIComponent(deliveryId)}/redeliver`;
      context.print(deliveryTable([await context.api().post(path, deliveryDetailSchema)]));
    });
  addListenWebhooksCommand(webhooks, context);
}

interface AddFlags {
  readonly events?: string;
  readonly project?: string;
}

interface ChangeFlags {
  readonly url?: string;
  readonly events?: string;
  readonly enable?: true;
  readonly disable?: true;
}

function addChanges(webhooks: Command, context: CommandContext): void {
  webhooks
    .command('add <url>')
    .description('Adds a webhook and prints its secret, this once.')
    .option('--events <events>', 'comma-separated; default: all')
    .option('--project <project>', 'id or name; default: every project')
    .action(async (url: string, { events, project }: AddFlags) => {
      const only = project === undefined ? {} : { projectId: (await findProject(context.api(), project)).projectId };
      await mint(context, '/api/webhooks', { url, ...only, ...(events === undefined ? {} : { events: nameList(events) }) });
    });
  webhooks
    .command('change <webhook>')
    .description('Changes, enables or disables a webhook.')
    .option('--url <url>', 'where it is sent from now on')
    .option('--events <events>', 'comma-separated')
    .addOption(new Option('--enable', 'tells it things again').conflicts('disable'))
    .option('--disable', 'tells it nothing more, and gives up what was not delivered')
    .action(async (webhookId: string, { url, events, enable, disable }: ChangeFlags) => {
      const change = {
        ...(url === undefined ? {} : { url }),
        ...(events === undefined ? {} : { events: nameList(events) }),
        ...(enable === true || disable === true ? { isEnabled: enable === true } : {}),
      };
      context.print(webhookTable([await context.api().patch(pathOf(webhookId), webhookSchema, change)]));
    });
  webhooks
    .command('rotate <webhook>')
    .description('Gives a webhook a new secret and prints it, this once.')
    .option('--overlap-hours <hours>', 'for how long the old one signs as well', numberOption({ min: 0, max: 168, isWhole: true }), 24)
    .action((webhookId: string, { overlapHours }: { readonly overlapHours: number }) =>
      mint(context, `${pathOf(webhookId)}/rotate`, { overlapHours }),
    );
  webhooks
    .command('remove <webhook>')
    .description('Removes a webhook; what was not delivered is given up.')
    .action(async (webhookId: string) => {
      await context.api().post(`${pathOf(webhookId)}/remove`, removedWebhookSchema);
      context.print('It is told nothing more.\n');
    });
}

async function mint(context: CommandContext, path: string, body: unknown): Promise<void> {
  const { secret, ...webhook } = await context.api().post(path, mintedWebhookSchema, body);
  context.print(`${webhookTable([webhook])}\n${secret}\n\nIt is not shown again.\n`);
}

const testPatienceMs = 20_000;
const lookEveryMs = 250;

async function testWebhook(context: CommandContext, webhookId: string): Promise<void> {
  const api = context.api();
  const { deliveryId } = await api.post(`${pathOf(webhookId)}/test`, deliveryDetailSchema);
  const giveUpAtMs = Date.now() + testPatienceMs;
  for (;;) {
    const delivery = await api.get(`/api/webhook-deliveries/${encodeURIComponent(deliveryId)}`, deliveryDetailSchema);
    const isAnswered = delivery.responseStatus !== null || delivery.failure !== null;
    if (isAnswered || Date.now() > giveUpAtMs) {
      context.print(deliveryTable([delivery]));
      if (delivery.status !== 'delivered') context.exitWith(exitCodes.findings);
      return;
    }
    await sleep(lookEveryMs);
  }
}

interface DeliveriesFlags extends Json {
  readonly status?: DeliveryStatus;
  readonly limit: number;
}

async function listDeliveries(context: CommandContext, webhookId: string, { status, limit, json }: DeliveriesFlags): Promise<void> {
  const query = status === undefined ? '' : `?status=${status}`;
  const found = await context.api().list(`${pathOf(webhookId)}/deliveries${query}`, deliverySchema, limit);
  context.print(json === true ? `${JSON.stringify(found, null, 2)}\n` : deliveryTable(found));
}

function pathOf(webhookId: string): string {
  return `/api/webhooks/${encodeURIComponent(webhookId)}`;
}

function webhookTable(webhooks: readonly Webhook[]): string {
  if (webhooks.length === 0) return 'No webhooks.\n';
  const rows = webhooks.map(({ webhookId, isEnabled, disabledBy, pending, failed, projectId, url, events }) => [
    webhookId,
    isEnabled ? 'on' : `off (${disabledBy ?? 'unknown'})`,
    String(pending),
    String(failed),
    projectId ?? 'all',
    url,
    events.join(','),
  ]);
  return textTable([['WEBHOOK', 'STATE', 'PENDING', 'FAILED', 'PROJECT', 'URL', 'EVENTS'], ...rows]);
}

function deliveryTable(deliveries: readonly Delivery[]): string {
  if (deliveries.length === 0) return 'No deliveries.\n';
  const rows = deliveries.map(({ deliveryId, event, status, attempts, responseStatus, failure, nextAttemptAt }) => [
    deliveryId,
    event,
    status,
    String(attempts),
    failure ?? (responseStatus === null ? '-' : String(responseStatus)),
    nextAttemptAt ?? '-',
  ]);
  return textTable([['DELIVERY', 'EVENT', 'STATUS', 'ATTEMPTS', 'ANSWER', 'NEXT ATTEMPT'], ...rows]);
}
