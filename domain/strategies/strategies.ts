import { didYouMean } from '../nearest-name.ts';
import { byteEncodings } from './byte-encodings.ts';
import { carriers } from './carriers.ts';
import { flooding } from './flooding.ts';
import { frames } from './frames.ts';
import { hiddenCharacters } from './hidden-characters.ts';
import { letterCiphers } from './letter-ciphers.ts';
import { lookAlikes } from './look-alikes.ts';
import { textOf, type PromptPart } from './prompt-part.ts';
import { signalAlphabets } from './signal-alphabets.ts';
import { findMultiTurnStrategy, multiTurnStrategies } from './multi-turn-strategies.ts';
import { plainStrategy, type Strategy, type StrategyContext, type StrategyDescription } from './strategy.ts';
import { surfaceRewrites } from './surface-rewrites.ts';

/** Every strategy that puts one prompt, by family. */
export const strategies: readonly Strategy[] = [
  ...byteEncodings,
  ...letterCiphers,
  ...signalAlphabets,
  ...lookAlikes,
  ...surfaceRewrites,
  ...hiddenCharacters,
  ...carriers,
  ...frames,
  ...flooding,
];

/** Everything that a run can choose from. */
export const strategyCatalogue: readonly StrategyDescription[] = [...strategies, ...multiTurnStrategies];

const byId: ReadonlyMap<string, Strategy> = new Map(strategies.map((strategy) => [strategy.id, strategy]));

/** Strategies in one name, such as `rot13+base64`: the first is applied first. */
const layerSeparator = '+';
const maxLayers = 3;

/** What is wrong with the name of a strategy or of layers of them, or undefined. */
export function strategyNameMessage(name: string): string | undefined {
  if (name === plainStrategy || findMultiTurnStrategy(name) !== undefined) return undefined;
  const layers = name.split(layerSeparator);
  if (layers.length > maxLayers) return `has ${layers.length} layers; ${maxLayers} at most`;
  if (layers.includes(plainStrategy)) return `"${plainStrategy}" is the prompt as it is written and no layer`;
  const conversation = layers.find((id) => findMultiTurnStrategy(id) !== undefined);
  if (conversation !== undefined) return `"${conversation}" is a conversation and no layer`;
  const unknown = layers.find((id) => !byId.has(id));
  if (unknown === undefined) return undefined;
  return `names no strategy "${unknown}"${didYouMean(unknown, [plainStrategy, ...strategyCatalogue.map(({ id }) => id)])}`;
}

/**
 * The prompt as the named strategy, or layers of them, put it: the same name, prompt and seed give the same bytes.
 * What is kept in the prompt is kept in the result. A strategy of several turns leaves the prompt as it is: its conversation
 * was planned as a step of its own. Throws a `RangeError` for a name that `strategyNameMessage` objects to.
 */
export function applyStrategy(name: string, prompt: readonly PromptPart[], context: StrategyContext): string {
  if (name === plainStrategy || findMultiTurnStrategy(name) !== undefined) return textOf(prompt);
  const message = strategyNameMessage(name);
  if (message !== undefined) throw new RangeError(`The strategy ${message}`);
  let parts = prompt;
  for (const [layer, id] of name.split(layerSeparator).entries()) {
    parts = byId.get(id)?.apply(parts, { seed: `${context.seed}/${layer}` }) ?? parts;
  }
  return textOf(parts);
}
