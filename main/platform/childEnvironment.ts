/** Variables handed down by name: who and where the user is, language, time zone, the agent of ssh, and proxies. */
const NAMES: ReadonlySet<string> = new Set([
  'HOME',
  'PATH',
  'LANG',
  'LANGUAGE',
  'SHELL',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'TZ',
  'SSH_AUTH_SOCK',
  'SSH_AGENT_PID',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'DBUS_SESSION_BUS_ADDRESS',
  'EDITOR',
  'VISUAL',
  'PAGER',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  // Windows finds nothing without these.
  'SYSTEMROOT',
  'SYSTEMDRIVE',
  'COMSPEC',
  'PATHEXT',
  'TEMP',
  'TMP',
  'USERPROFILE',
  'USERNAME',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMDATA',
  'PROGRAMFILES',
]);

const PREFIXES: readonly string[] = ['LC_', 'XDG_'];

/** A secret by its name; stops one that an allowed prefix would let through. */
const SECRET = /(_API_KEY|_TOKEN|_SECRET|_PASSWORD)$/i;

function isAllowed(name: string): boolean {
  // Windows names and proxy names come in either case.
  const upper = name.toUpperCase();
  return (NAMES.has(upper) || PREFIXES.some((prefix) => upper.startsWith(prefix))) && !SECRET.test(name);
}

/**
 * Environment of a child process of ours, from an allow-list (engineering.md 2.5 and 3.1 #21): what is not named here
 * stays behind, so `ELECTRON_*`, `NODE_OPTIONS`, `npm_*`, our own tokens and markers, and keys never reach a child by
 * accident. `explicit` is added as it is: variables somebody chose for this child, secrets included; a value of
 * undefined removes a variable.
 */
export function childEnvironment(
  parent: Readonly<Record<string, string | undefined>>,
  explicit: Readonly<Record<string, string | undefined>> = {},
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(parent)) {
    if (value !== undefined && isAllowed(name)) environment[name] = value;
  }
  for (const [name, value] of Object.entries(explicit)) {
    if (value === undefined) delete environment[name];
    else environment[name] = value;
  }
  return environment;
}

/** The same for a program on one of our terminals: says which terminal it is talking to. */
export function terminalEnvironment(
  parent: Readonly<Record<string, string | undefined>>,
  explicit: Readonly<Record<string, string | undefined>> = {},
): Record<string, string> {
  return childEnvironment(parent, {
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    TERM_PROGRAM: 'overstory-control-room',
    ...explicit,
  });
}
