import type { CertificatesResults } from '@underpass/protocol';

import { readCertificates } from '../../integrations/certificateFile.js';
import type { HandlersOf } from './define.js';

export const certificatesHandlers: HandlersOf<keyof CertificatesResults> = {
  'underpass/certificates/describe': ({ content, purpose }) =>
    readCertificates(
      'text' in content
        ? Buffer.from(content.text)
        : Buffer.from(content.base64, 'base64'),
      purpose
    )
};
