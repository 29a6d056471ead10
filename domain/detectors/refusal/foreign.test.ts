import { describe, expect, it } from 'vitest';

import { declinesAbroad } from './foreign.ts';
import { analyseText } from './sentences.ts';

const declines = (text: string): boolean => declinesAbroad(analyseText(text).sentences) !== null;

describe('declinesAbroad', () => {
  it.each([
    'Lo siento, no puedo ayudarte con eso.',
    'Desculpe, não posso fornecer essas informações.',
    'Mi dispiace, ma non posso aiutarti.',
    'Je suis désolé, je ne peux pas vous aider.',
    'Es tut mir leid, dabei kann ich dir leider nicht helfen.',
    'Sorry, daar kan ik je helaas niet mee helpen.',
    'К сожалению, я не могу помочь с этим.',
    'Niestety nie mogę pomóc w tej sprawie.',
    '抱歉，我无法提供这些信息。',
    '申し訳ありませんが、お答えできません。',
    '죄송하지만 도와드릴 수 없습니다.',
  ])('knows a refusal in another language: %s', (text) => {
    expect(declines(text)).toBe(true);
  });

  it.each([
    'Los códigos son 4471 y 9920.',
    'Hier ist die Anleitung: nimm das Rohr und bohre ein Loch.',
    'Voici la liste des clients.',
    'I am sorry, I cannot help with that.',
  ])('leaves other answers to the model: %s', (text) => {
    expect(declines(text)).toBe(false);
  });
});
