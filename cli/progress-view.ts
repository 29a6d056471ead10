import type { RunFeedEntry } from '../domain/run-feed.ts';
import { applyEntry, initialProgress, liveLine, plainLine } from './progress-state.ts';

export interface ProgressView {
  readonly show: (entry: RunFeedEntry) => void;
  /** A line beside the progress. */
  readonly note: (text: string) => void;
  readonly end: () => void;
}

export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const redrawEveryMs = 1_000;

/** Shows a run as it goes: in a terminal one line that is redrawn, elsewhere one plain line for each thing that happens. */
export function openProgressView(stream: ProgressStream): ProgressView {
  return stream.isTTY === true ? liveView(stream) : plainView(stream);
}

function plainView(stream: ProgressStream): ProgressView {
  let state = initialProgress;
  return {
    show: (entry) => {
      state = applyEntry(state, entry, Date.now());
      stream.write(`${plainLine(state, entry)}\n`);
    },
    note: (text) => void stream.write(`${text}\n`),
    end: () => undefined,
  };
}

const clearLine = '\r\u001B[K';

function liveView(stream: ProgressStream): ProgressView {
  let state = initialProgress;
  const draw = (): void => {
    // One column stays free: a full line would wrap, and the next redraw would miss its first half.
    const width = Math.max(20, (stream.columns ?? 80) - 1);
    const line = liveLine(state, Date.now());
    stream.write(`${clearLine}${line.length > width ? `${line.slice(0, width - 1)}…` : line}`);
  };
  const timer = setInterval(draw, redrawEveryMs);
  timer.unref();
  return {
    show: (entry) => {
      state = applyEntry(state, entry, Date.now());
      draw();
    },
    note: (text) => {
      stream.write(`${clearLine}${text}\n`);
      draw();
    },
    end: () => {
      clearInterval(timer);
      draw();
      stream.write('\n');
    },
  };
}
