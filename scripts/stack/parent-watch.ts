const pollMs = 1_000;

/** Calls back once when the set-up that started this process is gone: then nobody would hand signals on to it any more. */
export function onParentGone(callback: () => void): void {
  const parent = Number(process.env['ORDEAL_PARENT_PID']);
  if (!Number.isInteger(parent) || process.ppid !== parent) return;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, pollMs);
  timer.unref();
}
