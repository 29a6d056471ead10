/** Calls `work` and gives the source of every regular expression that ran meanwhile, put together ones included, in order. */
export function recordedPatterns(work: () => void): readonly string[] {
  // oxlint-disable-next-line typescript/unbound-method -- always called on the pattern that it belongs to
  const { exec } = RegExp.prototype;
  const sources = new Set<string>();
  // test, match, matchAll, replace and split all look `exec` up on the pattern they are given.
  RegExp.prototype.exec = function record(this: RegExp, text: string): RegExpExecArray | null {
    sources.add(this.source);
    return exec.call(this, text);
  };
  try {
    work();
  } finally {
    RegExp.prototype.exec = exec;
  }
  return [...sources].toSorted();
}
