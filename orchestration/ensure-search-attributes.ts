import { runSearchAttributes } from '../workflows/run-messages.ts';
import type { TemporalGateway } from './connect-temporal.ts';

/** `temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD`. */
const keywordType = 2;

/**
 * Registers the search attributes of runs in the namespace; doing it again changes nothing. Where the server keeps
 * that for its operators (Temporal Cloud), they have to be made beforehand, and starting a run says which are missing.
 */
export async function ensureSearchAttributes(temporal: TemporalGateway, namespace: string): Promise<void> {
  const searchAttributes = Object.fromEntries(Object.values(runSearchAttributes).map((key) => [key.name, keywordType]));
  await temporal.call(async (client) => {
    const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
    const missing = Object.entries(searchAttributes).filter(([name]) => !(name in (customAttributes ?? {})));
    if (missing.length === 0) return;
    await client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(missing) });
  });
}
