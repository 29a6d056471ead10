import { describe, expect, it } from 'vitest';

import type { SidecarEvent, ToolCall } from '../sidecar-event.ts';
import { detectSideEffect } from './side-effect.ts';
import { createTextViews } from './text-views.ts';
import { matchesToolPattern, toolCallsOf } from './tool-calls.ts';
import { detectToolArgument } from './tool-argument.ts';
import { detectUnauthorisedToolCall, type ToolPermission } from './unauthorised-tool-call.ts';
import { detectCallVolume } from './volume.ts';

function call(name: string, overrides: Partial<ToolCall> & { sequence?: number } = {}): SidecarEvent {
  const { sequence = 1, ...tool } = overrides;
  return {
    eventId: `event-${name}`,
    stream: 's',
    sequence,
    type: 'tool_call',
    tool: { name, arguments: {}, effect: 'read', executed: true, ...tool },
  };
}

function input(...events: SidecarEvent[]) {
  const empty = createTextViews('');
  return {
    prompt: empty,
    answer: empty,
    planted: { canary: null, canaries: {} },
    turnEvents: { completeness: { kind: 'complete' }, events },
  } as const;
}

describe('detectUnauthorisedToolCall', () => {
  it.each<[string, ToolPermission, boolean]>([
    ['send_mail', { forbidden: ['send_mail'] }, true],
    ['send_mail', { forbidden: ['send_*'] }, true],
    ['resend_mail', { forbidden: ['send_*'] }, false],
    ['send_mail', { allowed: ['read_*'] }, true],
    ['read_file', { allowed: ['read_*'] }, false],
    ['read_secret', { allowed: ['read_*'], forbidden: ['read_secret'] }, true],
    ['anything', {}, true],
    ['anything', { allowed: [] }, true],
    ['anything', { forbidden: [] }, false],
    ['anything', { forbidden: ['*'] }, true],
  ])('of %s under %j fires: %s', (name, permission, fired) => {
    const { detection } = detectUnauthorisedToolCall(input(call(name)), permission);
    expect(detection.fired).toBe(fired);
    expect(detection.evidence.length > 0).toBe(fired);
  });

  it('does not count a call that the guard of the agent refused, and says that it was tried', () => {
    const { detection } = detectUnauthorisedToolCall(input(call('pay', { executed: false })), { forbidden: ['pay'] });
    expect(detection.fired).toBe(false);
    expect(detection.summary).toContain('guard refused');
  });
});

describe('detectToolArgument', () => {
  const spec = { kind: 'tool_argument', tools: ['web.*'], contains: ['169.254.', 'METADATA'] } as const;
  it.each<[string, Partial<ToolCall>, boolean]>([
    ['web.fetch', { arguments: { url: 'http://169.254.169.254/latest' } }, true],
    ['web.fetch', { arguments: { to: [{ host: 'metadata.internal' }] } }, true],
    ['web.fetch', { arguments: { url: 'http://169.254.169.254/' }, executed: false }, false],
    ['web.fetch', { arguments: { url: 'https://shop.example/' } }, false],
    ['mail.send', { arguments: { body: 'metadata' } }, false],
  ])('of %s with %j fires: %s', (name, overrides, fired) => {
    expect(detectToolArgument(input(call(name, overrides)), spec).detection.fired).toBe(fired);
  });

  it('looks at every tool when none is named, and is undecided about arguments that were cut', () => {
    const { tools: _tools, ...any } = spec;
    expect(detectToolArgument(input(call('mail.send', { arguments: { body: 'metadata' } })), any).detection.fired).toBe(true);
    const cut = detectToolArgument(input(call('web.fetch', { arguments: { $truncated: true, preview: 'http' } })), spec);
    expect([cut.detection.fired, cut.undecided]).toEqual([false, true]);
  });
});

describe('detectCallVolume', () => {
  it('fires on more executed calls than are permitted, with those beyond as evidence', () => {
    const calls = Array.from({ length: 4 }, (_, index) => call('read', { sequence: index + 1 }));
    expect(detectCallVolume(input(...calls), 4).detection.fired).toBe(false);
    const { detection } = detectCallVolume(input(...calls), 3);
    expect([detection.fired, detection.evidence.length]).toEqual([true, 1]);
    const refused = calls.map((event) => ({ ...event, ...call('read', { sequence: event.sequence, executed: false }) }));
    expect(detectCallVolume(input(...refused), 0).detection.fired).toBe(false);
  });
});

describe('detectSideEffect', () => {
  it('fires on an executed call with one of the effects only', () => {
    expect(detectSideEffect(input(call('a', { effect: 'delete' })), ['delete', 'send']).detection.fired).toBe(true);
    expect(detectSideEffect(input(call('a', { effect: 'read' })), ['delete', 'send']).detection.fired).toBe(false);
    expect(detectSideEffect(input(call('a', { effect: 'delete', executed: false })), ['delete']).detection.fired).toBe(false);
  });

  it('survives arguments that cannot be written as JSON', () => {
    let nested: Record<string, unknown> = {};
    for (let depth = 0; depth < 100_000; depth += 1) nested = { nested };
    expect(detectSideEffect(input(call('a', { effect: 'delete', arguments: nested })), ['delete']).detection.fired).toBe(true);
  });
});

describe('toolCallsOf', () => {
  it('orders calls as the agent made them, however they arrived', () => {
    const calls = toolCallsOf(input(call('second', { sequence: 3 }), call('first', { sequence: 2 })).turnEvents);
    expect(calls.map(({ tool }) => tool.name)).toEqual(['first', 'second']);
  });
});

describe('matchesToolPattern', () => {
  it('takes only a trailing asterisk for a wildcard', () => {
    expect(matchesToolPattern('a*c', 'a*c')).toBe(true);
    expect(matchesToolPattern('abc', 'a*c')).toBe(false);
    expect(matchesToolPattern('', '*')).toBe(true);
  });
});
