import fs from 'node:fs';
import path from 'node:path';

/** Takes one line of a child's output, without its line break. */
export type LogSink = (line: string) => void;

/** Appends each line to a file, which is made together with its folder; written at once, so that a crash loses nothing. */
export function logToFile(file: string): LogSink {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const descriptor = fs.openSync(file, 'a', 0o600);
  return (line) => {
    fs.writeSync(descriptor, `${line}\n`);
  };
}
