/** Headers (in lower case) that decide how a request is framed and routed. Ordeal sets them itself; nothing configured may. */
export const framingHeaders: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'proxy-connection',
]);
