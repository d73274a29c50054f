/** What the service may know of whoever starts it; `underpass.launch` has the same list. */
const kept = new Set([
  // The user, and where programs and temporary files are.
  ...['HOME', 'USER', 'LOGNAME', 'SHELL', 'PATH', 'TMPDIR', 'TZ', 'LANG'],
  // Whom to ask for keys and secrets: agent, keyring, Kerberos.
  ...['SSH_AUTH_SOCK', 'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR'],
  ...['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'KRB5CCNAME', 'KRB5_CONFIG'],
  ...['XDG_DATA_HOME', 'XDG_CONFIG_HOME'],
  // Where libpq's files are, to import from them.
  ...['PGSERVICEFILE', 'PGSYSCONFDIR', 'PGPASSFILE'],
  // Windows.
  ...['SYSTEMROOT', 'WINDIR', 'COMSPEC', 'PATHEXT', 'TEMP', 'TMP'],
  ...['USERPROFILE', 'USERNAME', 'USERDOMAIN', 'APPDATA', 'LOCALAPPDATA'],
  'PROGRAMDATA'
]);
const keptPrefix = /^(UNDERPASS|LC)_/;
/** Of one kernel or terminal, where the service is for all of them. */
const dropped = new Set(['UNDERPASS_PROJECT', 'UNDERPASS_PYTHON']);

/**
 * The environment of the service: the same whoever starts it. A kernel's credentials, proxies and PYTHONPATH are not
 * its business, and NODE_OPTIONS could open a debugger to every user of the machine.
 */
export function serviceEnvironment(
  environment: NodeJS.ProcessEnv
): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => {
      const known = process.platform === 'win32' ? name.toUpperCase() : name;
      return (kept.has(known) || keptPrefix.test(known)) && !dropped.has(known);
    })
  );
}
