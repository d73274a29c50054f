/** Not among ssh2's types: what it offers where nothing else is asked for. */
declare module 'ssh2/lib/protocol/constants.js' {
  const constants: {
    DEFAULT_KEX: readonly string[];
    DEFAULT_SERVER_HOST_KEY: readonly string[];
    DEFAULT_CIPHER: readonly string[];
    DEFAULT_MAC: readonly string[];
  };
  export default constants;
}
