/** At most `limit` in any `windowMs`, however they are spread over the boundary of a minute. */
export interface WindowPolicy {
  readonly limit: number;
  readonly windowMs: number;
  /** What was taken within one slot is forgotten together; divides `windowMs`. */
  readonly slotMs: number;
}

/** How much was taken in each slot, by the number of the slot since 1970. */
export type WindowSlots = ReadonlyMap<number, number>;

export interface WindowAnswer {
  /** How many of those asked for were taken: all, some or none. */
  readonly taken: number;
  readonly remaining: number;
  /** Until there is room for those that were refused, or for as many of them as ever fit; 0 when none was refused. */
  readonly retryAfterMs: number;
  /** Until the window is empty. */
  readonly resetMs: number;
}

/**
 * Takes as many as fit. A slot counts until a whole window has passed after its end, so that no window of `windowMs`
 * ever holds more than `limit`. `runtime/limits/sliding-window-script.ts` decides the same.
 */
export function takeFromWindow(
  policy: WindowPolicy,
  slots: WindowSlots,
  request: { readonly nowMs: number; readonly asked: number },
): { readonly slots: WindowSlots; readonly answer: WindowAnswer } {
  const { nowMs, asked } = request;
  const current = Math.floor(nowMs / policy.slotMs);
  const kept = liveSlots(policy, slots, nowMs);
  const used = total(kept);
  const taken = Math.max(0, Math.min(asked, policy.limit - used));
  if (taken > 0) kept.set(current, (kept.get(current) ?? 0) + taken);
  const refused = asked - taken;
  const answer = {
    taken,
    remaining: Math.max(0, policy.limit - used - taken),
    retryAfterMs: refused === 0 ? 0 : msUntilRoomFor(policy, kept, { nowMs, wanted: Math.min(refused, policy.limit) }),
    resetMs: kept.size === 0 ? 0 : endOfSlot(policy, Math.max(...kept.keys())) - nowMs,
  };
  return { slots: kept, answer };
}

function liveSlots(policy: WindowPolicy, slots: WindowSlots, nowMs: number): Map<number, number> {
  return new Map([...slots].filter(([slot]) => endOfSlot(policy, slot) > nowMs));
}

function total(slots: WindowSlots): number {
  return [...slots.values()].reduce((sum, count) => sum + count, 0);
}

/** When a slot ceases to count. */
function endOfSlot({ windowMs, slotMs }: WindowPolicy, slot: number): number {
  return (slot + 1) * slotMs + windowMs;
}

function msUntilRoomFor(policy: WindowPolicy, slots: WindowSlots, request: { readonly nowMs: number; readonly wanted: number }): number {
  let room = policy.limit - total(slots);
  let untilMs = 0;
  for (const [slot, count] of [...slots].toSorted(([a], [b]) => a - b)) {
    if (room >= request.wanted) break;
    room += count;
    untilMs = endOfSlot(policy, slot) - request.nowMs;
  }
  return untilMs;
}
