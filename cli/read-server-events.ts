import { createParser } from 'eventsource-parser';

export interface ServerEvent {
  readonly id: string | undefined;
  readonly type: string;
  readonly data: string;
}

/** The API sends a comment at least this often; a stream that is silent for longer is dead. */
const longestSilenceMs = 45_000;

/** The events of a `text/event-stream` body. Ends when the server ends it; throws when it breaks or falls silent. */
export async function* readServerEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const pending: ServerEvent[] = [];
  const parser = createParser({ onEvent: ({ id, event, data }) => pending.push({ id, type: event ?? 'message', data }) });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await withinSilence(reader.read());
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* pending.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function withinSilence<Result>(reading: Promise<Result>): Promise<Result> {
  const silence = Promise.withResolvers<never>();
  const timer = setTimeout(() => silence.reject(new Error('The event stream fell silent.')), longestSilenceMs);
  try {
    return await Promise.race([reading, silence.promise]);
  } finally {
    clearTimeout(timer);
  }
}
