/**
 * What the doctor found, as text for a bug report: nothing secret, and on request no name of anybody's machines.
 */
import { readFileSync } from 'node:fs';
import { homedir, hostname, release, userInfo } from 'node:os';
import { join } from 'node:path';

import { findPaths } from '../../workspace/paths.js';
import { readLines } from '../logs/follow.js';
import type { Finding } from './finding.js';

const logLines = 50;

/** Variables whose value is nobody's business. */
export const isSecretName = (name: string): boolean =>
  /passw|_pass$|secret|token|credential|_key$|cookie/i.test(name) &&
  !/_(file|dir|path)$/i.test(name);

/** URLs without the name and password in them. */
export const withoutLogin = (text: string): string =>
  text.replace(/(\b[a-z][\w+.-]*:\/\/)[^/\s@]+@/gi, '$1***@');

/** The findings and the end of the log, as Markdown. */
export function report(
  findings: readonly Finding[],
  anonymous: boolean
): string {
  const text = [
    '### underpass doctor --report',
    '',
    `System: ${process.platform} ${release()} ${process.arch}`,
    '',
    '```text',
    ...findings.map(
      ({ check, outcome, message, fix }) =>
        `${outcome.padEnd(8)} ${check}: ${message.replaceAll('\n', '\n         ')}${fix && outcome !== 'ok' ? ` [${fix}]` : ''}`
    ),
    '```',
    '',
    'End of the log:',
    '',
    '```text',
    ...endOfLog(),
    '```'
  ].join('\n');
  const named = replaced(withoutLogin(text), names(anonymous));
  return anonymous ? withoutAddresses(named) : named;
}

function endOfLog(): string[] {
  try {
    return readLines(findPaths().log).lines.slice(-logLines);
  } catch {
    return ['(it can not be read)'];
  }
}

/** What stands for what. */
function names(anonymous: boolean): Map<string, string> {
  const known = new Map([
    [homedir(), '~'],
    [userInfo().username, 'USER']
  ]);
  if (anonymous) {
    known.set(hostname(), 'THIS-HOST');
    for (const [kind, found] of Object.entries(ofWorkspace())) {
      [...found].forEach((name, index) => {
        known.set(name, `${kind}-${index + 1}`);
      });
    }
  }
  // They would be found everywhere.
  for (const name of ['', '/', 'root', 'localhost', '127.0.0.1', '::1']) {
    known.delete(name);
  }
  return known;
}

interface Names {
  host: Set<string>;
  name: Set<string>;
  integration: Set<string>;
}

/** From the file itself: the service may not run. */
function ofWorkspace(): Names {
  const names: Names = {
    host: new Set(),
    name: new Set(),
    integration: new Set()
  };
  let text = '';
  try {
    text = readFileSync(join(findPaths().home, 'workspace.json'), 'utf8');
    JSON.parse(text, (key, value: unknown) => {
      if (typeof value !== 'string') {
        return value;
      }
      if (/host|server|account/i.test(key)) {
        names.host.add(value);
      } else if (/user|database|catalog|schema|project/i.test(key)) {
        names.name.add(value);
      } else if (key === 'name') {
        names.integration.add(value);
      }
      return value;
    });
  } catch {
    // No names are known then; addresses are replaced all the same.
  }
  return names;
}

/** IPv4, and IPv6 in full or with its zeros left out; not those of this machine. */
const address =
  /(?<![\d.])(?!127\.)(?:\d{1,3}\.){3}\d{1,3}(?![\d.])|(?<![\w:.])(?!::1?(?![\w:]))(?:(?:[\da-f]{1,4}:){7}[\da-f]{1,4}|(?:[\da-f]{1,4}:){0,6}(?:[\da-f]{1,4})?::(?:[\da-f]{1,4}:){0,6}[\da-f]{0,4})(?![\w:])/gi;

/** The longest first: a name may be part of another. */
function replaced(text: string, known: ReadonlyMap<string, string>): string {
  const ordered = [...known].sort(
    ([one], [other]) => other.length - one.length
  );
  return ordered.reduce(
    (result, [name, placeholder]) =>
      result.replace(
        new RegExp(`(?<![\\w-])${escaped(name)}(?![\\w-])`, 'gi'),
        placeholder
      ),
    text
  );
}

export const withoutAddresses = (text: string): string =>
  text.replace(address, 'ADDRESS');

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
