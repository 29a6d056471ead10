import { classifyPath } from './path-class.ts';
import type { PythonArgument, PythonCall, PythonTrace } from './python-trace.ts';
import { action, type DangerReason } from './reason.ts';
import { readReasons } from './shell-file-rules.ts';

/** What the calls of a Python text do that a task seldom calls for. */
export function pythonReasons(trace: PythonTrace): DangerReason[] {
  const reasons = trace.calls.flatMap((call) => [...fileReasons(call, trace), ...processReasons(call, trace), ...systemReasons(call)]);
  return [...reasons, ...flowReasons(trace, reasons), ...traversalReasons(trace)];
}

/** Shell commands that the text hands to the system, to be judged as shell. */
export function shellCommandsOf(trace: PythonTrace): string[] {
  return trace.calls.filter((call) => runsShell.test(call.name)).flatMap((call) => call.args[0]?.values ?? []);
}

const runsShell =
  /^(?:os\.(?:system|popen|exec[lv]\w*|spawn\w+)|subprocess\.(?:run|call|Popen|check_call|check_output|getoutput|getstatusoutput)|commands\.getoutput|pty\.spawn|asyncio\.create_subprocess_shell)$|^\.?(?:run_command|execute_command)$/;
const removes =
  /^(?:os\.(?:remove|unlink|rmdir|removedirs|truncate)|shutil\.rmtree|send2trash\.send2trash)$|(?:^|\.)(?:unlink|rmdir|rmtree)$/;
const copies = /^(?:shutil\.(?:copy\w*|move)|os\.(?:rename|replace|link|symlink|renames))$/;
const lists = /^(?:os\.(?:listdir|scandir|walk|stat)|glob\.i?glob)$|(?:^|\.)(?:iterdir|rglob|glob)$/;
const sends =
  /^(?:requests\.(?:post|put|patch|request)|httpx\.(?:post|put|patch)|urllib\.request\.(?:urlopen|Request)|urllib2\.(?:urlopen|Request)|aiohttp\.\w+|smtplib\.\w+|ftplib\.\w+|paramiko\.\w+)$|(?:^|\.)(?:sendall|sendto|send|storbinary|sendmail|send_message|post|put|request)$/;

function fileReasons(call: PythonCall, trace: PythonTrace): DangerReason[] {
  const reasons: DangerReason[] = [];
  const paths = values(call.args[0]);
  if (call.name === 'open' || call.name === 'io.open' || call.name === 'codecs.open' || call.name === 'os.open' || call.name === '.open') {
    const mode = values(call.args.find((arg) => arg.keyword === 'mode') ?? call.args[1])[0] ?? 'r';
    for (const path of call.name === '.open' ? receiverValues(call, trace) : paths)
      reasons.push(...(/[wax+]/.test(mode) ? writeReasons(path) : readReasons(path)));
  }
  if (/^\.?(?:.*\.)?(?:read_text|read_bytes)$/.test(call.name))
    for (const path of receiverValues(call, trace)) reasons.push(...readReasons(path));
  if (/^\.?(?:.*\.)?(?:write_text|write_bytes|touch)$/.test(call.name))
    for (const path of receiverValues(call, trace)) reasons.push(...writeReasons(path));
  if (removes.test(call.name)) {
    for (const path of [...paths, ...receiverValues(call, trace)]) {
      const kind = classifyPath(path);
      if (kind.isWholeTree) reasons.push(action('delete-tree', 'critical', `deletes the whole of ${path}`));
      else if (kind.isSystem || kind.isSecret || kind.isStartup || kind.isTraversal)
        reasons.push(action('delete-system', 'high', `deletes ${path}, which belongs to the system`));
    }
  }
  if (copies.test(call.name)) {
    for (const path of paths) reasons.push(...readReasons(path));
    for (const path of values(call.args[1])) reasons.push(...writeReasons(path));
  }
  if (lists.test(call.name)) {
    for (const path of [...paths, ...receiverValues(call, trace)]) {
      const kind = classifyPath(path);
      if (
        kind.isSecret ||
        /^\/(?:etc|proc|sys|boot|root|dev|bin|sbin|run|app)(?:\/|$)/.test(kind.normal) ||
        /^\/usr(?:\/\*)?\/?$/.test(kind.normal)
      )
        reasons.push(action('list-system', 'low', `surveys ${kind.normal}`));
    }
  }
  if (/^os\.(?:chmod|chown|lchown|fchmod)$|(?:^|\.)chmod$|^shutil\.chown$/.test(call.name)) {
    const mode = (call.args[1] ?? call.args[0])?.tokens.map((token) => token.text).join('') ?? '';
    if (/^0o?[0-7]?[0-7][0-7][2367]$|S_IRWXO|S_IWOTH/.test(mode))
      reasons.push(action('open-permissions', 'medium', `chmod ${mode} lets everyone write`));
    if (/^0o?[4267][0-7]{3}$|S_ISUID|S_ISGID/.test(mode)) reasons.push(action('set-user-id', 'high', 'lets a program run as its owner'));
    if (paths.some((path) => classifyPath(path).isSystem || classifyPath(path).isSecret))
      reasons.push(action('system-permissions', 'high', `changes who may use ${paths[0] ?? 'a file'}`));
  }
  if (/^(?:urllib\.request\.urlretrieve|wget\.download)$/.test(call.name))
    for (const path of values(call.args[1])) reasons.push(...writeReasons(path));
  return reasons;
}

function writeReasons(path: string): DangerReason[] {
  const kind = classifyPath(path);
  if (kind.isRawDevice) return [action('destroy-disk', 'critical', `writes to ${path}`)];
  if (kind.isStartup) return [action('persistence', 'high', `writes ${path}, which runs by itself later`)];
  if (kind.isSystem || kind.isSecret || kind.isTraversal) return [action('write-system', 'high', `writes ${kind.normal}`)];
  return [];
}

function processReasons(call: PythonCall, trace: PythonTrace): DangerReason[] {
  const reasons: DangerReason[] = [];
  if (/^os\.(?:kill|killpg)$/.test(call.name)) reasons.push(action('kill-process', 'medium', 'ends processes by their id'));
  if (/(?:^|\.)(?:kill|terminate|suspend|send_signal)$/.test(call.name) && trace.imports.has('psutil'))
    reasons.push(action('kill-process', 'medium', 'ends processes that it looked for'));
  if (runsShell.test(call.name) && call.args[0] !== undefined && values(call.args[0]).length === 0) {
    const source = call.args[0].tokens.map((token) => token.text).join(' ');
    const isRemote = trace.calls.some((other) => /(?:^|\.)(?:recv|accept|recvfrom|makefile)$/.test(other.name));
    if (isRemote) reasons.push(action('reverse-shell', 'critical', 'runs commands that arrive over the network'));
    else if (
      /user|input|request|argv|query|param/i.test(source) &&
      call.args.some((arg) => arg.keyword === 'shell' && arg.tokens[0]?.text === 'True')
    )
      reasons.push(action('command-injection', 'medium', 'runs a shell command made from input'));
  }
  if (/^(?:eval|exec|builtins\.(?:eval|exec)|__import__\.eval)$/.test(call.name)) {
    const isConstant = call.args[0]?.tokens.every((token) => token.kind === 'string' && !token.isFormat) ?? true;
    if (!isConstant) reasons.push(action('dynamic-execution', 'medium', `${call.name} runs text whose content is only known when it runs`));
  }
  return reasons;
}

function systemReasons(call: PythonCall): DangerReason[] {
  if (/^(?:os\.setuid|os\.seteuid|os\.setgid)$/.test(call.name) && call.args[0]?.tokens[0]?.text === '0')
    return [action('gain-privilege', 'high', 'takes the rights of root')];
  if (/^(?:PIL\.ImageGrab\.grab|ImageGrab\.grab|pyautogui\.(?:screenshot|typewrite|press)|mss\.mss|pyscreenshot\.grab)$/.test(call.name))
    return [action('spy', 'medium', 'takes pictures of the screen')];
  if (
    /^(?:pynput\.(?:keyboard|mouse)\.Listener|pynput\.\w+\.\w+\.Listener|keyboard\.(?:on_press|hook|record|read_event|read_key|on_release)|mouse\.hook|pyperclip\.paste|pyxhook\.HookManager)$/.test(
      call.name,
    )
  )
    return [action('spy', 'high', 'records what the user types or copies')];
  if (/^(?:cv2\.VideoCapture|sounddevice\.rec|pyaudio\.PyAudio|picamera\.PiCamera)$/.test(call.name))
    return [action('spy', 'medium', 'records camera or microphone')];
  if (/^ctypes\.(?:windll|CDLL)/.test(call.name) && call.args.length > 0) return [action('native-call', 'low', 'calls into native code')];
  if (/^winreg\.(?:SetValueEx|CreateKey|DeleteKey)$/.test(call.name)) return [action('persistence', 'high', 'changes the registry')];
  return [];
}

/** Dangers that take more than one call: a shell tied to a socket, a sensitive file read and then sent. */
function flowReasons(trace: PythonTrace, single: readonly DangerReason[]): DangerReason[] {
  const reasons: DangerReason[] = [];
  const calls = (pattern: RegExp): boolean => trace.calls.some((call) => pattern.test(call.name));
  const opensSocket = calls(/^socket\.(?:socket|create_connection)$/);
  if (opensSocket && calls(/^os\.dup2$/) && (calls(runsShell) || calls(/^pty\.spawn$/)))
    reasons.push(action('reverse-shell', 'critical', 'ties a shell to the network'));
  const readsSecret = single.some((reason) => /^(?:read-secret|read-system|path-traversal)$/.test(reason.rule));
  const readsMachine = trace.calls.some(
    (call) => call.name === 'open' && values(call.args[0]).some((path) => /^\/(?:etc|proc|sys)\//.test(classifyPath(path).normal)),
  );
  if ((readsSecret || readsMachine) && (calls(sends) || opensSocket))
    reasons.push(action('exfiltration', 'critical', 'reads a sensitive file and sends data out'));
  const readsEnvironment = trace.tokens.some(
    (token, at) =>
      token.text === 'environ' &&
      trace.tokens[at - 1]?.text === '.' &&
      trace.tokens[at + 1]?.text !== '.' &&
      trace.tokens[at + 1]?.text !== '[',
  );
  if (readsEnvironment && calls(sends)) reasons.push(action('exfiltration', 'critical', 'sends the whole environment out'));
  if (
    calls(/^os\.fork$/) &&
    trace.tokens.some((token, at) => token.text === 'while' && /^(?:True|1)$/.test(trace.tokens[at + 1]?.text ?? ''))
  )
    reasons.push(action('resource-exhaustion', 'critical', 'starts processes without end'));
  const downloads = calls(/^(?:requests\.get|httpx\.get|urllib\.request\.urlopen|urllib\.request\.urlretrieve)$/);
  if (downloads && calls(/^(?:exec|eval)$/)) reasons.push(action('run-download', 'critical', 'runs what it downloads'));
  return reasons;
}

/** A constant path that climbs with `..` into the system, wherever it is used. */
function traversalReasons(trace: PythonTrace): DangerReason[] {
  const usesFiles = trace.calls.some((call) => /^(?:open|os\.(?:path\.\w+|listdir|remove)|shutil\.\w+)$|read_|PIL|Image/.test(call.name));
  if (!usesFiles) return [];
  const found = [...trace.values.values()]
    .flat()
    .find((value) => value.length < 512 && value.includes('../') && classifyPath(value).isTraversal);
  return found === undefined
    ? []
    : [action('path-traversal', 'high', `leaves its folder with .. and reaches ${classifyPath(found).normal}`)];
}

function values(argument: PythonArgument | undefined): readonly string[] {
  return argument?.values ?? [];
}

/** For `Path('/x').unlink()` and `p.unlink()`: what the receiver may be. */
function receiverValues(call: PythonCall, trace: PythonTrace): readonly string[] {
  if (!call.name.startsWith('.')) return trace.values.get(call.name.split('.').slice(0, -1).join('.')) ?? [];
  const before = trace.tokens.slice(Math.max(0, call.at - 8), call.at);
  return before.filter((token) => token.kind === 'string').map((token) => token.text);
}
