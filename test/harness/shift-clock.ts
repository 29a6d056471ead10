/**
 * Loaded into a process before anything else (`node --import`), gives it a wrong clock: that of the machine and
 * `TEST_CLOCK_SHIFT_MS`. Timers and differences stay right, as they do on a machine whose clock is wrong.
 */
const shiftMs = Number(process.env['TEST_CLOCK_SHIFT_MS']);
if (!Number.isSafeInteger(shiftMs)) throw new Error('TEST_CLOCK_SHIFT_MS is to say by how many milliseconds the clock is wrong');

const RealDate = Date;
const now = (): number => RealDate.now() + shiftMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: readonly unknown[], newTarget: () => unknown) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
  apply: () => new RealDate(now()).toString(),
  get: (target, key) => (key === 'now' ? now : (Reflect.get(target, key) as unknown)),
});
Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin + shiftMs });
