import { createHash } from 'node:crypto';
import { platform } from 'node:os';
import { join } from 'node:path';

import { Dpapi } from './dpapi.js';
import { Keychain } from './keychain.js';
import type { Keyring } from './keyring.js';
import { SecretService } from './secretService.js';

/** The keyring of this operating system, for the workspace in this folder. */
export function systemKeyring(home: string): Keyring {
  switch (platform()) {
    case 'darwin':
      return new Keychain(
        createHash('sha256').update(home).digest('hex').slice(0, 16)
      );
    case 'win32':
      return new Dpapi(join(home, 'master.key.dpapi'));
    default:
      return new SecretService(home);
  }
}
