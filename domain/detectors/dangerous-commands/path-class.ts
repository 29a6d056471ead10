/** What a file system path means to the safety of the machine. */
export interface PathClass {
  /** After `.` and `..` are resolved. */
  readonly normal: string;
  /** Holds credentials or account data: reading it is harm. */
  readonly isSecret: boolean;
  /** Configuration or state of the operating system that a task seldom needs to read. */
  readonly isSystemState: boolean;
  /** Belongs to the operating system: writing or deleting there is harm. */
  readonly isSystem: boolean;
  /** Runs by itself later: shell start-up files, cron, units, login hooks. */
  readonly isStartup: boolean;
  /** The root, a home directory, or a whole tree directly below the root. */
  readonly isWholeTree: boolean;
  readonly isTemporary: boolean;
  readonly isRawDevice: boolean;
  /** `..` led out of where the path began, into the system. */
  readonly isTraversal: boolean;
}

const systemRoots = new Set(['bin', 'boot', 'dev', 'etc', 'lib', 'lib32', 'lib64', 'proc', 'root', 'sbin', 'sys', 'usr', 'run']);
const otherRoots = new Set(['var', 'opt', 'srv', 'home', 'mnt', 'media', 'app', 'data', 'Users', 'Library', 'System']);

/** Files of the system that every program reads to learn about the machine it is on. */
const publicFacts =
  /^\/(?:etc\/(?:os-release|lsb-release|hosts|hostname|timezone|localtime|resolv\.conf|issue|motd|services|protocols|shells|mime\.types|debian_version|alpine-release|redhat-release)|proc\/(?:cpuinfo|meminfo|loadavg|uptime|version|stat|self\/status|self\/cgroup|mounts)|dev\/(?:null|zero|u?random|stdin|stdout|stderr|tty|fd\/\d+)|sys\/(?:class|fs\/cgroup)\/.*|(?:usr\/(?:share|include|lib|local)|lib|lib64)\/.*)$/;

const secretFile =
  /^\/etc\/(?:passwd|shadow|gshadow|group|sudoers|master\.passwd|security\/|ssh\/|ssl\/private|pam\.d|krb5\.keytab|ppp\/chap-secrets)|^\/var\/lib\/pam\/|^\/(?:usr\/share|var\/backups)\/.*(?:passwd|shadow|group)|^\/root(?:\/|$)|^\/proc\/(?:kcore|\d+\/(?:environ|mem|maps)|self\/(?:environ|mem))|(?:^|\/)\.(?:ssh|aws|gnupg|kube|docker\/config\.json|azure|netrc|pgpass|my\.cnf|npmrc|pypirc|git-credentials|vault-token|config\/gcloud|config\/gh|password-store|bash_history|zsh_history|mozilla|config\/google-chrome)(?:\/|$)|(?:^|\/)id_(?:rsa|dsa|ecdsa|ed25519)$|(?:^|\/)(?:Login Data|cookies\.sqlite|logins\.json|key4\.db|wallet\.dat)$/;

const startupFile =
  /(?:^|\/|~)\.(?:bashrc|bash_profile|bash_login|bash_logout|profile|zshrc|zprofile|zshenv|kshrc|cshrc|xinitrc|config\/autostart\/|config\/fish\/config\.fish|ssh\/authorized_keys)|^\/etc\/(?:cron|crontab|profile|bash\.bashrc|rc\.local|rc\d\.d|init\.d|systemd|ld\.so\.preload|environment|anacrontab|at\.)|^\/var\/spool\/cron|\/systemd\/(?:system|user)\/|\/Library\/Launch(?:Agents|Daemons)\//;

/** Classifies a path as written in a command; relative paths that leave upwards are judged by where they point. */
export function classifyPath(path: string): PathClass {
  const home = path.replace(/^(?:~|\$\{?HOME\}?)(?=\/|$)/, '/home/user');
  const { normal, climbed } = normalise(home);
  const parts = normal.split('/').filter((part) => part !== '');
  const top = parts[0] ?? '';
  const isAbsolute = normal.startsWith('/');
  const bare = normal.replace(/\/?\*+$/, '');
  const isTemporary = /^\/(?:tmp|var\/tmp|dev\/shm|private\/tmp)(?:\/|$)/.test(normal);
  const isSystem =
    isAbsolute &&
    (systemRoots.has(top) ||
      /^\/var\/(?:lib|log|run|spool|mail|backups?|cache)(?:\/|$)|^\/(?:System|Library)(?:\/|$)|^[a-z]:\/windows/i.test(normal)) &&
    !/^\/(?:dev\/(?:null|stdout|stderr|tty|fd)|usr\/(?:src|local\/[^/]+)|run\/user)(?:\/|$)/.test(normal);
  return {
    normal,
    isSecret: secretFile.test(normal) && !/\.pub$|\/known_hosts$/.test(normal),
    isSystemState: isAbsolute && /^\/(?:etc|proc|sys|boot|root|dev|usr)(?:\/|$)/.test(normal) && !publicFacts.test(normal),
    isSystem: isSystem && !isTemporary,
    isStartup: startupFile.test(path) || startupFile.test(normal),
    isWholeTree:
      (isAbsolute &&
        (bare === '' ||
          bare === '/' ||
          (parts.filter((part) => !part.includes('*')).length === 1 && (systemRoots.has(top) || otherRoots.has(top))))) ||
      /^\/home\/[^/]+(?:\/\*)?$/.test(normal),
    isTemporary,
    isRawDevice: /^\/dev\/(?:sd|hd|vd|xvd|nvme|mmcblk|disk|mem|kmem|mapper\/|md\d)/.test(normal),
    isTraversal:
      climbed &&
      (secretFile.test(normal) ||
        secretFile.test(`/${normal.replace(/^(?:\.\.\/)+/, '')}`) ||
        (isAbsolute && (systemRoots.has(top) || normal.startsWith('/var/lib/'))) ||
        systemRoots.has(normal.replace(/^(?:\.\.\/)+/, '').split('/')[0] ?? '')),
  };
}

function normalise(path: string): { normal: string; climbed: boolean } {
  const isAbsolute = path.startsWith('/');
  const kept: string[] = [];
  let climbed = false;
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else {
      climbed = true;
      if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
      else if (!isAbsolute) kept.push('..');
    }
  }
  return { normal: (isAbsolute ? '/' : '') + kept.join('/') || (isAbsolute ? '/' : '.'), climbed };
}
