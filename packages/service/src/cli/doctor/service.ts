/**
 * The tunnel service: whether it answers, and what it says is wrong.
 */
import { existsSync, statSync } from 'node:fs';

import { protocolVersion } from '@underpass/protocol';

import { connectToService } from '../../rpc/launch.js';
import { Place } from '../../rpc/place.js';
import { unresponsive } from '../../rpc/singleInstance.js';
import { version } from '../../version.js';
import { findPaths } from '../../workspace/paths.js';
import { age } from '../humanize.js';
import { readLines } from '../logs/follow.js';
import { describeEntry, parseEntry } from '../logs/entry.js';
import { askUnintroduced, connectToRunning } from '../runningService.js';
import { textOf } from '../screen.js';
import { asFailure } from '../../serviceError.js';
import { type Check, failed, ok, type Remark, warning } from './finding.js';

/** Milliseconds for an answer that needs no work. */
const patience = 5_000;
const lastLines = 5;

export const service: Check = {
  name: 'service',
  look: async () => {
    const running = await connectToRunning();
    if (!running) {
      return started();
    }
    const holder = new Place(findPaths().pid).holder();
    try {
      const said = await askUnintroduced(
        running,
        'underpass/hello',
        {},
        patience,
        () => unresponsive(holder)
      );
      return [
        ok(
          `Version ${said.serviceVersion} answers (process ${said.pid}, since ${age(said.since)}), used by ${said.usedBy.length}.`
        ),
        ...(said.protocolVersion !== protocolVersion
          ? [
              failed(
                `It speaks version ${said.protocolVersion} of the protocol, and this program version ${protocolVersion}.`,
                'Install the same version everywhere, then: underpass stop'
              )
            ]
          : said.serviceVersion !== version
            ? [
                warning(
                  `This program is version ${version}.`,
                  'underpass stop ends the service; its next user starts the one that is installed.'
                )
              ]
            : [])
      ];
    } finally {
      running.destroy();
    }
  }
};

/** None runs. Whether one can is what people ask the doctor. */
async function started(): Promise<Remark[]> {
  const begin = Date.now();
  try {
    (await connectToService()).destroy();
    return [ok(`It was not running and started in ${Date.now() - begin} ms.`)];
  } catch (error) {
    const { message, fix } = asFailure(error);
    return [failed([message, ...endOfLog()].join('\n'), fix)];
  }
}

function endOfLog(): string[] {
  const lines = readLines(findPaths().log).lines.slice(-lastLines);
  return lines.map(line => {
    const described = describeEntry(parseEntry(line));
    const pieces = Array.isArray(described) ? described : [described];
    return `  ${pieces.map(textOf).join('')}`;
  });
}

export const upgrade: Check = {
  name: 'upgrade',
  needsService: true,
  look: async ({ service: connect }) => {
    const { bundle } = await (await connect()).request('underpass/status', {});
    return [
      bundle.replaced
        ? warning(
            `${bundle.path} is not the file any more that the service runs.`,
            'underpass stop ends it, and its next user starts the new one.'
          )
        : ok(`The service runs ${bundle.path}.`)
    ];
  }
};

export const files: Check = {
  name: 'workspace',
  needsService: true,
  look: async ({ service: connect }) => {
    const { problems } = await (
      await connect()
    ).request('underpass/workspace/problems', {});
    return problems.length === 0
      ? [ok('All its files are sound.')]
      : problems.map(({ failure }) => failed(failure.message, failure.fix));
  }
};

export const vault: Check = {
  name: 'vault',
  needsService: true,
  look: async ({ service: connect }) => {
    const { keeper, where, secrets, unreadable, remarks } = await (
      await connect()
    ).request('underpass/vault/status', {});
    return [
      unreadable > 0
        ? failed(
            `${unreadable} of ${secrets} secrets can not be read with the master key in ${where}.`,
            'Put the master key back that they were encrypted with, or enter them again.'
          )
        : ok(
            `${secrets} secrets; the master key is in the ${keeper} ${where}.`
          ),
      ...remarks.map(remark => warning(remark, 'See underpass vault status.'))
    ];
  }
};

export const key: Check = {
  name: 'key',
  needsService: true,
  look: async ({ service: connect }) => {
    const { source, path, fingerprint, previous } = await (
      await connect()
    ).request('underpass/key/show', {});
    const waiting = previous?.bastions.map(({ host }) => host) ?? [];
    return [
      ok(`${fingerprint} (${path ? `file ${path}` : source})`),
      ...(path ? fileMode(path) : []),
      ...(waiting.length > 0
        ? [
            warning(
              `The new key was not let in yet by ${waiting.join(', ')}.`,
              'Put it there: underpass key show. Then: underpass key rotate --finish'
            )
          ]
        : [])
    ];
  }
};

function fileMode(path: string): Remark[] {
  if (process.platform === 'win32' || !existsSync(path)) {
    return [];
  }
  const { mode } = statSync(path);
  return (mode & 0o077) === 0
    ? []
    : [
        warning(
          `${path} can be read by others (mode ${(mode & 0o777).toString(8)}).`,
          `chmod 600 "${path}"`
        )
      ];
}

export const policy: Check = {
  name: 'policy',
  needsService: true,
  look: async ({ service: connect }) => {
    const { from, problems } = await (
      await connect()
    ).request('underpass/policy/show', {});
    return [
      ok(
        from.length === 0
          ? 'Nothing is switched off.'
          : `Something is switched off by ${from.join(', ')}: see underpass policy show.`
      ),
      ...problems.map(problem =>
        failed(problem, 'Ask the administrator of this machine.')
      )
    ];
  }
};

export const questions: Check = {
  name: 'questions',
  needsService: true,
  look: async ({ service: connect }) => {
    const { prompts } = await (
      await connect()
    ).request('underpass/prompts/list', {});
    return prompts.length === 0
      ? [ok('No host key waits for an answer.')]
      : prompts.map(({ host, port, fingerprint }) =>
          warning(
            `The host key of ${host}:${port} waits for an answer: ${fingerprint}`,
            'underpass hostkey pending'
          )
        );
  }
};
