import { roles } from '../domain/roles.ts';
import { accessTable, mayCall, type Access } from './access-table.ts';
import type { Endpoint } from './define-endpoint.ts';

/** The access table as docs/access.md has it: one row for each endpoint, one column for each role. */
export function renderAccess(endpoints: readonly Endpoint[]): string {
  const lines = endpoints.map(({ id, method, path }) => {
    const access: Access = accessTable[id];
    const cells = roles.map((role) => cellOf(access, mayCall(id, role)));
    return `| \`${method.toUpperCase()} ${path}\` | ${cells.join(' | ')} |\n`;
  });
  return `| Endpoint | ${roles.join(' | ')} |\n| --- |${' --- |'.repeat(roles.length)}\n${lines.join('')}`;
}

function cellOf(access: Access, isAllowed: boolean): string {
  if (access === 'anyone') return 'no key needed';
  if (access === 'sidecar') return 'sidecar token';
  return isAllowed ? 'yes' : '';
}
