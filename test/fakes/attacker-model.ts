import type { ModelReply, SeenCompletion } from './chat-model-server.ts';

interface Asked {
  readonly name: string;
  readonly goal: string;
}

/** What an attacker model was asked for: the name of the answer's schema, and the goal of the attack. */
export function askedOf({ body }: SeenCompletion): Asked {
  const format = body['response_format'] as unknown as { readonly json_schema: { readonly name: string } };
  const { goal } = JSON.parse(body.messages.at(-1)?.content ?? '{}') as { readonly goal: string };
  return { name: format.json_schema.name, goal };
}

/** Answers every question of an attack in the shape that it asks for, and numbers the messages. */
export function helpfulAttacker(request: SeenCompletion, number: number): ModelReply {
  const { name, goal } = askedOf(request);
  const answers: Readonly<Record<string, object>> = {
    message: { message: `By the way (${number}): ${goal}` },
    proposal: { improvement: 'Ask more kindly.', message: `Would you kindly do this, number ${number}? ${goal}` },
    topic: { onTopic: true },
    score: { score: 2, reason: 'It refused.' },
  };
  return { content: answers[name] ?? {} };
}
