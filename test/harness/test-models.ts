import type { ModelPurpose } from '../../domain/model-purpose.ts';
import { parsePrivateAllow } from '../../runtime/egress/private-allow.ts';
import type { ModelEndpoint } from '../../runtime/model/model-endpoint.ts';
import type { ModelSettings } from '../../runtime/model/models.ts';
import type { ChatModelServer } from '../fakes/chat-model-server.ts';

/** Which fake servers stand behind which purpose, in the order of the chain. */
export type TestModels = Partial<Record<ModelPurpose, readonly ChatModelServer[]>> & {
  readonly tokensPerRun?: number;
  /** For an answer; default 3 s, for tests of models that give none. */
  readonly timeoutMs?: number;
};

/** Settings as the environment would give them; a chain of model-1, model-2, … */
export function testModelSettings(models: TestModels = {}): ModelSettings {
  const chain = (purpose: ModelPurpose) =>
    (models[purpose] ?? []).map((server, index) => testModelEndpoint(server, `model-${index + 1}`, models.timeoutMs));
  const servers = (['judge', 'attacker', 'generator'] as const).flatMap((purpose) => models[purpose] ?? []);
  return {
    endpoints: { judge: chain('judge'), attacker: chain('attacker'), generator: chain('generator') },
    privateAllow: parsePrivateAllow(servers.map(({ port }) => `127.0.0.1/32:${port}`).join(',')),
    tokensPerRun: models.tokensPerRun ?? 1_000_000,
  };
}

/** 1 and 2 dollars per million tokens. */
function testModelEndpoint(server: ChatModelServer, model: string, timeoutMs = 3_000): ModelEndpoint {
  return {
    baseUrl: server.baseUrl,
    model,
    readApiKey: () => 'test-key',
    priceIn: 1,
    priceOut: 2,
    timeoutMs,
    structuredOutput: 'json_schema',
    tokenLimitField: 'max_tokens',
  };
}
