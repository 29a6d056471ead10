/** What the name beside a value says of it. */
export type KeyClass = 'password' | 'secret' | 'none';

const passwordWords = new Set(
  'password passwords passwd passwrd passwort pass passphrase passcode pwd pw psw psswd userpass dbpass userpassword dbpassword rootpassword adminpassword requirepass masterauth rpcpassword keypass storepass keypassword storepassword encryptedpassword contrasena senha motdepasse mdp heslo authpass smtppass imappass mysqlpwd pgpassword'.split(
    ' ',
  ),
);
const secretWords = new Set(
  'secret secrets token tokens key keys apikey apikeys auth oauth authorization credential credentials cred creds bearer jwt salt apitoken authtoken accesstoken accesskey secretkey privatekey clientsecret appsecret appkey authkey masterkey signingkey encryptionkey sessiontoken refreshtoken idtoken oauthtoken secretaccesskey sharedkey sas sid dsn webhook license licence cookie hmac signature seed mnemonic pat apisecret consumerkey consumersecret servicekey accountkey writekey readkey ingestkey deploykey integrationkey routingkey sig otp pin'.split(
    ' ',
  ),
);
/** A name that ends in one of these speaks about a secret and is none. */
const aboutWords = new Set(
  'name names type types length len count counts file files filename path paths dir url uri endpoint field fields input label hint policy expiry expires expiration expired ttl algorithm algo size prefix suffix header headers param params parameter version format status date time timestamp at min max limit usage used validator validation valid regex pattern placeholder description desc title help text message error errors required enabled disabled enable disable rotation strength reset forgot forgotten change changed confirm confirmation rules requirements manager provider store storage class id ids index order map ring pair press code board word words frame frames bindings binding event scope scopes issuer audience method mode source ref reference resolver generator helper factory service handler callback function env var variable column columns table kind alias aliases digest fingerprint thumbprint'.split(
    ' ',
  ),
);
const notSecretWords = new Set(
  'public pub primary foreign partition sort cache cached composite unique natural surrogate shard row hot object dict json map bucket csrf xsrf max min total next prev num pagination page continuation cursor idempotency translation i18n react list bos eos unk special stop vocab tokenizer arrow enter escape shift ctrl alt control home end hash sha sha1 sha256 sha512 md5 checksum etag commit integrity ssh-rsa known authorized'.split(
    ' ',
  ),
);

/** Splits `dbPassword`, `DB_PASSWORD` and `db-password` into lower-case words. */
export function wordsOfName(name: string): string[] {
  return name.match(casedWord)?.map((word) => word.toLowerCase()) ?? [];
}

/** Capitals up to the one that begins the next word, e.g. `HTTP` in `HTTPServer`; or a word with or without its capital. */
const casedWord = /[A-Z]+(?![a-z])[a-z0-9]*|[A-Z]?[a-z0-9]+/g;

/** Decides from the whole name of a field, e.g. `SMTP_PASS` or `tokenizer`, what kind of value stands behind it. */
export function classifyKeyName(name: string): KeyClass {
  const words = wordsOfName(name).map((word) => word.replace(/\d+$/, ''));
  const last = words.at(-1);
  if (last === undefined || words.length > 9) return 'none';
  if (aboutWords.has(last) && !passwordWords.has(last)) return 'none';
  if (words.some((word) => notSecretWords.has(word))) return 'none';
  if (words.some((word) => isPasswordWord(word))) return 'password';
  return words.some((word) => isSecretWord(word)) ? 'secret' : 'none';
}

function isPasswordWord(word: string): boolean {
  return (
    passwordWords.has(word) ||
    /(?:passw(?:or)?d|passphrase|_pwd|pwd)$/.test(word) ||
    /^(?:db|root|user|admin|smtp|ftp|imap|mysql|pg|redis|mail|my|login|ssh)pass$/.test(word)
  );
}

function isSecretWord(word: string): boolean {
  return secretWords.has(word) || /(?:secret|token|apikey|accesskey|secretkey|authkey|privatekey|appkey)$/.test(word);
}
