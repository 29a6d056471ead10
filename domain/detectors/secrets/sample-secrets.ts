/** Made-up secrets and look-alikes for tests: the published shapes, filled with characters of a seeded generator. */
export interface SecretSamples {
  readonly lettersAndDigits: (length: number) => string;
  readonly positives: (count: number) => { readonly text: string; readonly secret: string }[];
  readonly negatives: (count: number) => string[];
}

const lower = 'abcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const hexDigits = '0123456789abcdef';
const alphanumeric = lower + lower.toUpperCase() + digits;

type Draw = (characters: string, length: number) => string;

/** Shapes of keys by service: those without a prefix of their own, then those with one. */
const keyShapes: readonly (readonly [service: string, shape: (draw: Draw) => string])[] = [
  ['adafruit', (draw) => draw(lower + digits, 32)],
  ['adobe', (draw) => draw(hexDigits, 32)],
  ['algolia', (draw) => draw(hexDigits, 32)],
  ['bitbucket', (draw) => draw(`${alphanumeric}_-`, 64)],
  ['cohere', (draw) => draw(alphanumeric, 40)],
  ['confluent', (draw) => draw(lower + digits, 64)],
  ['datadog', (draw) => draw(hexDigits, 40)],
  ['etsy', (draw) => draw(lower + digits, 24)],
  ['finnhub', (draw) => draw(lower + digits, 20)],
  ['heroku', (draw) => uuid(draw)],
  ['messagebird', (draw) => draw(lower + digits, 25)],
  ['plaid', (draw) => draw(lower + digits, 30)],
  ['zendesk', (draw) => draw(lower + digits, 40)],
  ['anthropic', (draw) => `sk-ant-api03-${draw(`${alphanumeric}_-`, 93)}AA`],
  ['aws', (draw) => `AKIA${draw('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16)}`],
  ['digitalocean', (draw) => `dop_v1_${draw(hexDigits, 64)}`],
  ['github', (draw) => `ghp_${draw(alphanumeric, 36)}`],
  ['gitlab', (draw) => `glpat-${draw(alphanumeric, 20)}`],
  ['google', (draw) => `AIza${draw(`${alphanumeric}_-`, 35)}`],
  ['huggingface', (draw) => `hf_${draw(alphanumeric, 34)}`],
  ['mailgun', (draw) => `key-${draw(hexDigits, 32)}`],
  ['npm', (draw) => `npm_${draw(alphanumeric, 36)}`],
  ['sendgrid', (draw) => `SG.${draw(alphanumeric, 22)}.${draw(alphanumeric, 43)}`],
  ['slack', (draw) => `xoxb-${draw(digits, 12)}-${draw(digits, 12)}-${draw(alphanumeric, 24)}`],
  ['stripe', (draw) => `sk_live_${draw(alphanumeric, 24)}`],
  ['telegram', (draw) => `${draw('123456789', 10)}:AA${draw(alphanumeric, 33)}`],
  ['twilio', (draw) => `SK${draw(hexDigits, 32)}`],
];

const forms: readonly ((service: string, secret: string) => string)[] = [
  (service, secret) => `${service}_api_token = "${secret}"`,
  (service, secret) => `${service.toUpperCase()}_TOKEN=${secret}`,
  (service, secret) => `{"${service}_key": "${secret}"}`,
  (service, secret) => `<${service}Token>${secret}</${service}Token>`,
  (service, secret) => `System.setProperty("${service.toUpperCase()}_SECRET", "${secret}")`,
  (service, secret) => `${service}: "${secret}"`,
  (service, secret) => `${service} ${secret}`,
  (service, secret) => `$${service}ApiKey = '${secret}';`,
  (service, secret) => `# ${service} credentials\nkey: ${secret}`,
  (service, secret) => `curl -H "Authorization: Bearer ${secret}" https://api.${service}.com/v1`,
  (service, secret) => `https://api.${service}.com/v1?api_key=${secret}&q=1`,
  (service, secret) => `The ${service} key is \`${secret}\`, please keep it safe.`,
];

const placeholders: readonly string[] = [
  '<your-api-key>',
  '${API_KEY}',
  'xxxxxxxxxxxxxxxxxxxxxxxx',
  'YOUR_API_KEY',
  'changeme',
  '{{ api_key }}',
  'REPLACE_ME',
  '********',
  'sk-...',
  'your_token_here',
  '1234567890abcdef',
  'process.env.API_KEY',
  'example-key-123',
  'INSERT_KEY_HERE',
  '$TOKEN',
  '%API_KEY%',
  'op://vault/item/field',
];

const lookAlikes: readonly ((draw: Draw) => string)[] = [
  (draw) => `commit ${draw(hexDigits, 40)}`,
  (draw) => `"integrity": "sha512-${draw(`${alphanumeric}+/`, 86)}=="`,
  (draw) => `image: nginx@sha256:${draw(hexDigits, 64)}`,
  (draw) => `"id": "${uuid(draw)}"`,
  (draw) => `data:image/png;base64,${draw(`${alphanumeric}+/`, 400)}`,
  (draw) => `md5 checksum: ${draw(hexDigits, 32)}`,
  (draw) => `See https://github.com/acme/app/commit/${draw(hexDigits, 40)}`,
  (draw) => `ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB${draw(alphanumeric, 200)} user@host`,
  (draw) => `Order number ${draw(digits, 12)} shipped.`,
];

function uuid(draw: Draw): string {
  return [8, 4, 4, 4, 12].map((length) => draw(hexDigits, length)).join('-');
}

/** The same seed gives the same samples everywhere. */
export function seededSamples(seed: number): SecretSamples {
  let state = seed % 2_147_483_647;
  const below = (limit: number): number => {
    // Park and Miller's generator; its products stay below 2^53.
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
  const draw: Draw = (characters, length) => Array.from({ length }, () => characters.charAt(below(characters.length))).join('');
  const pick = <T>(list: readonly T[]): T => {
    const item = list[below(list.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  };
  return {
    lettersAndDigits: (length) => draw(alphanumeric, length),
    positives: (count) =>
      Array.from({ length: count }, () => {
        const [service, shape] = pick(keyShapes);
        const secret = shape(draw);
        return { text: pick(forms)(service, secret), secret };
      }),
    negatives: (count) =>
      Array.from({ length: count }, () => (below(2) === 0 ? pick(forms)('acme', pick(placeholders)) : pick(lookAlikes)(draw))),
  };
}
