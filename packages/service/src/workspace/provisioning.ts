/**
 * The line for `authorized_keys` in the forms that machines are set up with.
 */
import { hostPort } from '../address.js';
import type { SshTarget } from '../integrations/define.js';

/** Makes the user where there is none; the image's own user stays. */
export function cloudInit({ user }: SshTarget, line: string): string {
  return [
    '#cloud-config',
    'users:',
    '  - default',
    `  - name: ${quoted(user)}`,
    '    ssh_authorized_keys:',
    `      - ${quoted(line)}`,
    ''
  ].join('\n');
}

/** Values alone, without a provider: the line, and a cloud-init document for `user_data`. */
export function terraform(bastion: SshTarget, line: string): string {
  const port = bastion.port === 22 ? '' : `_${bastion.port}`;
  const name = `underpass_${slug(bastion.user)}_at_${slug(bastion.host)}${port}`;
  const where = `${bastion.user}@${hostPort(bastion)}`;
  return [
    'locals {',
    `  # One line of ~/.ssh/authorized_keys for ${JSON.stringify(where)}`,
    `  ${name}_authorized_keys = ${hclQuoted(line)}`,
    '',
    '  # For the user_data of a machine that is made with cloud-init',
    `  ${name}_cloud_init = "#cloud-config\\n\${yamlencode({`,
    '    users = ["default", {',
    `      name                = ${hclQuoted(bastion.user)}`,
    `      ssh_authorized_keys = [local.${name}_authorized_keys]`,
    '    }]',
    '  })}"',
    '}',
    ''
  ].join('\n');
}

/** YAML reads the strings of JSON, but for what it takes for a line's end or for no character. */
function quoted(value: string): string {
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  );
}

/** HCL has fewer escapes than JSON, and templates. */
function hclQuoted(value: string): string {
  return quoted(value)
    .replaceAll('\\b', '\\u0008')
    .replaceAll('\\f', '\\u000c')
    .replaceAll('${', '$${')
    .replaceAll('%{', '%%{');
}

/** Two bastions of one configuration must not share a name, also where they are in no Latin letters. */
function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^ -~]/gu, letter => letter.codePointAt(0)?.toString(16) ?? '')
    .replace(/[^a-z0-9-]+/g, '_');
}
