import { describe, expect, it } from 'vitest';
import { parsePrivateAllow } from './private-allow.ts';
import { checkUrl } from './url-policy.ts';

/** Everything here must be denied without a single packet, not even a DNS query. */
const deniedUrls: readonly (readonly [rule: string, url: string])[] = [
  ['loopback', 'http://127.0.0.1/'],
  ['loopback, end of range', 'http://127.255.255.254/'],
  ['loopback, short form', 'http://127.1/'],
  ['loopback, decimal', 'http://2130706433/'],
  ['loopback, hexadecimal', 'http://0x7f000001/'],
  ['loopback, hexadecimal parts', 'http://0x7f.0x0.0x0.0x1/'],
  ['loopback, octal', 'http://0177.0.0.1/'],
  ['loopback, octal whole', 'http://017700000001/'],
  ['loopback, mixed bases', 'http://0x7f.1/'],
  ['loopback, circled digits', 'http://①②⑦.⓪.⓪.①/'],
  ['loopback, full-width digits', 'http://１２７.０.０.１/'],
  ['loopback, ideographic full stops', 'http://127。0。0。1/'],
  ['loopback, percent-encoded', 'http://%31%32%37.0.0.1/'],
  ['loopback, trailing dot', 'http://127.0.0.1./'],
  ['loopback, IPv6', 'http://[::1]/'],
  ['loopback, IPv6 in full', 'http://[0:0:0:0:0:0:0:1]/'],
  ['loopback, v4-mapped', 'http://[::ffff:127.0.0.1]/'],
  ['loopback, v4-mapped in hexadecimal', 'http://[::ffff:7f00:1]/'],
  ['loopback, v4-compatible', 'http://[::127.0.0.1]/'],
  ['loopback, v4-translated', 'http://[::ffff:0:127.0.0.1]/'],
  ['loopback, NAT64', 'http://[64:ff9b::7f00:1]/'],
  ['loopback, local NAT64', 'http://[64:ff9b:1::7f00:1]/'],
  ['loopback, 6to4', 'http://[2002:7f00:1::]/'],
  ['unspecified', 'http://0.0.0.0/'],
  ['unspecified, zero', 'http://0/'],
  ['this network', 'http://0.1.2.3/'],
  ['unspecified, IPv6', 'http://[::]/'],
  ['unspecified, v4-mapped', 'http://[::ffff:0.0.0.0]/'],
  ['private 10/8', 'http://10.0.0.1/'],
  ['private 10/8, decimal', 'http://167772161/'],
  ['private 172.16/12', 'http://172.31.255.255/'],
  ['private 192.168/16', 'http://192.168.1.1/'],
  ['private, v4-mapped', 'http://[::ffff:10.0.0.1]/'],
  ['private, NAT64', 'http://[64:ff9b::10.0.0.1]/'],
  ['private, 6to4', 'http://[2002:a00:1::1]/'],
  ['carrier-grade NAT', 'http://100.64.0.1/'],
  ['link-local', 'http://169.254.1.1/'],
  ['link-local, IPv6', 'http://[fe80::1]/'],
  ['unique local', 'http://[fc00::1]/'],
  ['unique local, fd', 'http://[fd12:3456::1]/'],
  ['site-local', 'http://[fec0::1]/'],
  ['multicast', 'http://224.0.0.1/'],
  ['multicast, IPv6', 'http://[ff02::1]/'],
  ['broadcast', 'http://255.255.255.255/'],
  ['reserved 240/4', 'http://240.0.0.1/'],
  ['benchmarking', 'http://198.18.0.1/'],
  ['documentation', 'http://192.0.2.1/'],
  ['documentation, 203.0.113', 'http://203.0.113.1/'],
  ['protocol assignments', 'http://192.0.0.8/'],
  ['documentation, IPv6', 'http://[2001:db8::1]/'],
  ['discard', 'http://[100::1]/'],
  ['Teredo', 'http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/'],
  ['ISATAP', 'http://[2600::5efe:7f00:1]/'],
  ['outside of global unicast', 'http://[4000::1]/'],
  ['metadata', 'http://169.254.169.254/latest/meta-data/'],
  ['metadata, decimal', 'http://2852039166/'],
  ['metadata, hexadecimal', 'http://0xa9fea9fe/'],
  ['metadata, octal', 'http://0251.0376.0251.0376/'],
  ['metadata, v4-mapped', 'http://[::ffff:169.254.169.254]/'],
  ['metadata, v4-mapped in hexadecimal', 'http://[::ffff:a9fe:a9fe]/'],
  ['metadata, v4-compatible', 'http://[::a9fe:a9fe]/'],
  ['metadata, NAT64', 'http://[64:ff9b::a9fe:a9fe]/'],
  ['metadata, 6to4', 'http://[2002:a9fe:a9fe::]/'],
  ['metadata, containers', 'http://169.254.170.2/'],
  ['metadata, EC2 over IPv6', 'http://[fd00:ec2::254]/'],
  ['metadata, GCE over IPv6', 'http://[fd20:ce::254]/'],
  ['metadata, Alibaba', 'http://100.100.100.200/'],
  ['metadata, Azure', 'http://168.63.129.16/'],
  ['metadata, Azure 6to4', 'http://[2002:a83f:8110::]/'],
  ['metadata, by name', 'http://metadata.google.internal/'],
  ['metadata, by name with a dot', 'http://metadata.google.internal./'],
  ['metadata, by name in capitals', 'http://METADATA.google.INTERNAL/'],
  ['metadata, by name in full-width letters', 'http://ｍetadata.google.internal/'],
  ['metadata, by short name', 'http://metadata/'],
  ['user name and password', 'http://user:pass@example.com/'],
  ['user name that looks like a host', 'http://example.com@127.0.0.1/'],
  ['password alone', 'http://:pass@example.com/'],
  ['backslash before the userinfo', 'http://127.0.0.1\\@example.com/'],
  ['file', 'file:///etc/passwd'],
  ['file on a host', 'file://example.com/etc/passwd'],
  ['ftp', 'ftp://example.com/'],
  ['gopher', 'gopher://example.com/_x'],
  ['data', 'data:text/plain,x'],
  ['javascript', 'javascript:alert(1)'],
  ['web socket', 'ws://example.com/'],
  ['unix socket', 'unix:/var/run/docker.sock'],
  ['port of SSH', 'http://example.com:22/'],
  ['port of SMTP', 'http://example.com:25/'],
  ['port zero', 'http://example.com:0/'],
  ['port of Redis', 'http://example.com:6379/'],
  ['port of PostgreSQL', 'http://example.com:5432/'],
  ['port of the Docker engine on a public address', 'http://93.184.216.34:2375/'],
  ['port beyond the range', 'http://example.com:65536/'],
  ['no host', 'http://'],
  ['no URL', 'example.com'],
  ['bad IPv4', 'http://256.256.256.256/'],
  ['zone id', 'http://[fe80::1%25eth0]/'],
];

describe('checkUrl', () => {
  it.each(deniedUrls)('denies %s: %s', (_rule, url) => {
    expect(checkUrl(url, []).allowed).toBe(false);
  });

  it.each(deniedUrls.filter(([rule]) => rule.startsWith('metadata')))(
    'denies %s even when the operator opened everything: %s',
    (_rule, url) => {
      expect(checkUrl(url, parsePrivateAllow('0.0.0.0/0:80,[::]/0:80')).allowed).toBe(false);
    },
  );

  it.each([
    ['http://example.com/', 80],
    ['https://example.com/', 443],
    ['https://example.com:8443/a', 8443],
    ['http://93.184.216.34:8080/', 8080],
    ['https://[2606:4700::1111]/', 443],
  ])('lets %s pass', (url, port) => {
    const decision = checkUrl(url, []);
    expect(decision.allowed && decision.url.port).toBe(port);
  });

  it('opens exactly the address and port that the operator names', () => {
    const allow = parsePrivateAllow('127.0.0.1/32:9001');
    expect(checkUrl('http://127.0.0.1:9001/', allow).allowed).toBe(true);
    expect(checkUrl('http://127.1:9001/', allow).allowed).toBe(true);
    for (const url of [
      'http://127.0.0.1:9002/',
      'http://127.0.0.1/',
      'http://127.0.0.2:9001/',
      'http://[::1]:9001/',
      'http://[::ffff:127.0.0.1]:9001/',
      'http://10.0.0.1:9001/',
      'http://0.0.0.0:9001/',
      'http://169.254.169.254:9001/',
    ]) {
      expect(checkUrl(url, allow), url).toMatchObject({ allowed: false, failure: 'egress_denied' });
    }
  });

  it('opens a port of the deny list for the address that the operator names, and for no other', () => {
    const allow = parsePrivateAllow('10.1.2.0/24:6379');
    expect(checkUrl('http://10.1.2.200:6379/', allow).allowed).toBe(true);
    expect(checkUrl('http://10.1.3.1:6379/', allow).allowed).toBe(false);
    expect(checkUrl('http://93.184.216.34:6379/', allow).allowed).toBe(false);
  });

  it('keeps path and query and drops the fragment', () => {
    expect(checkUrl('https://example.com/a/b?c=d#e', [])).toMatchObject({
      url: { path: '/a/b?c=d', origin: 'https://example.com', isTls: true },
    });
  });

  it('never repeats credentials or a bad URL in its reason', () => {
    expect(JSON.stringify(checkUrl('http://user:s3cret@example.com/', []))).not.toContain('s3cret');
    expect(JSON.stringify(checkUrl('s3cret', []))).not.toContain('s3cret');
  });
});
