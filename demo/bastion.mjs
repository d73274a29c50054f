/**
 * An SSH server for the demo only: it lets one key in and forwards one name to one Unix socket, nothing else.
 *
 * `node demo/bastion.mjs --key "ssh-ed25519 …" --target db.internal:5432 --socket PATH`
 *
 * Prints one line of JSON, `{"port": …, "fingerprint": "SHA256:…"}`, once it listens on 127.0.0.1.
 */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { connect } from 'node:net';
import { pipeline } from 'node:stream';
import { parseArgs } from 'node:util';

import ssh2 from 'ssh2';

const text = { type: 'string' };
const { values } = parseArgs({
  options: { key: text, target: text, socket: text }
});
const authorized = ssh2.utils.parseKey(values.key);

const pem = { type: 'sec1', format: 'pem' };
const { privateKey } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: pem,
  publicKeyEncoding: { type: 'spki', format: 'pem' }
});
const hostKey = ssh2.utils.parseKey(privateKey).getPublicSSH();
const digest = createHash('sha256').update(hostKey).digest('base64');

const server = new ssh2.Server({ hostKeys: [privateKey] }, client => {
  client.setNoDelay(true);
  client.on('authentication', context => {
    const known =
      context.method === 'publickey' &&
      context.key.data.equals(authorized.getPublicSSH());
    // The first request only asks whether the key would do; it has no signature.
    const proven =
      known &&
      (!context.signature ||
        authorized.verify(context.blob, context.signature, context.hashAlgo));
    if (proven === true) {
      context.accept();
    } else {
      context.reject(['publickey']);
    }
  });
  client.on('ready', () => client.on('tcpip', forward));
  // A client that goes away is no news.
  client.on('error', () => undefined);
});

/** Open a channel to the one target; every other one is prohibited. */
function forward(accept, reject, { destIP, destPort }) {
  if (`${destIP}:${destPort}` !== values.target) {
    reject();
    return;
  }
  const refused = () => reject();
  const database = connect(values.socket);
  database.once('error', refused);
  database.once('connect', () => {
    database.off('error', refused);
    const channel = accept();
    pipeline(channel, database, channel, () => undefined);
  });
}

server.listen(0, '127.0.0.1', () => {
  const fingerprint = `SHA256:${digest.replace(/=+$/, '')}`;
  const { port } = server.address();
  process.stdout.write(`${JSON.stringify({ port, fingerprint })}\n`);
});
process.once('SIGTERM', () => process.exit(0));
