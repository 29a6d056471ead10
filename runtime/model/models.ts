import { OrdealError } from '../../domain/failures.ts';
import { modelPurposes, type ModelPurpose } from '../../domain/model-purpose.ts';
import type { PrivateAllow } from '../egress/private-allow.ts';
import { createEgress } from '../egress/egress.ts';
import type { ChatModel } from './chat-model.ts';
import { createModelChain } from './model-chain.ts';
import type { ModelEndpoint } from './model-endpoint.ts';
import type { ModelLedger } from './model-ledger.ts';

/** What the operator configured of models. */
export interface ModelSettings {
  readonly endpoints: Readonly<Record<ModelPurpose, readonly ModelEndpoint[]>>;
  readonly privateAllow: readonly PrivateAllow[];
  /** What all models together may use for one run. */
  readonly tokensPerRun: number;
}

/** The models of a process. */
export interface Models {
  readonly tokensPerRun: number;
  /** The configured names, in the order of the chain; empty when the feature is off. */
  names(purpose: ModelPurpose): readonly string[];
  /** A model that writes its requests into `ledger`. Throws `model_not_configured`, which says what to set. */
  open(purpose: ModelPurpose, ledger: ModelLedger): ChatModel;
  /** Ends the requests in flight. */
  close(): Promise<void>;
}

const settingNames: Readonly<Record<ModelPurpose, string>> = {
  judge: 'ORDEAL_JUDGE_MODELS',
  attacker: 'ORDEAL_ATTACKER_MODELS',
  generator: 'ORDEAL_GENERATOR_MODELS',
};

/** Models behind an egress of their own: an address that is opened for a model is not opened for targets. */
export function createModels(settings: ModelSettings): Models {
  const egress = createEgress({ privateAllow: settings.privateAllow });
  return {
    tokensPerRun: settings.tokensPerRun,
    names: (purpose) => settings.endpoints[purpose].map(({ model }) => model),
    open: (purpose, ledger) => {
      const endpoints = settings.endpoints[purpose];
      if (endpoints.length === 0) {
        throw new OrdealError('model_not_configured', `No ${purpose} model is configured: set ${settingNames[purpose]} and start again.`);
      }
      return createModelChain({ endpoints, egress, ledger });
    },
    close: () => egress.close(),
  };
}

/** For a log line at start: which models serve which purpose, without anything secret. */
export function describeModels(models: Models): Readonly<Record<ModelPurpose, string>> {
  const shown = modelPurposes.map((purpose) => [purpose, models.names(purpose).join(', ') || 'off'] as const);
  return Object.fromEntries(shown) as Record<ModelPurpose, string>;
}
