import type { HostKeyPrompt } from '@underpass/protocol';
import { Command, InvalidArgumentError } from 'commander';

import { type HostAndPort, hostPort, parseHostPort } from '../address.js';
import { fail } from '../serviceError.js';
import { withExamples } from './examples.js';
import { answer, nobodyToAsk, trusts } from './hostKeyQuestion.js';
import { paint, type Style } from './screen.js';
import { type Terminal, withService } from './session.js';

const sshPort = 22;

const server = ['<host:port>', 'the SSH server', hostAndPort] as const;

export function hostkeyCommand(): Command {
  const command = new Command('hostkey').description(
    'The SSH servers whose keys are approved, and the questions about others'
  );
  for (const child of [
    list(),
    pending(),
    scan(),
    approve(),
    reject(),
    remove()
  ]) {
    command.addCommand(child);
  }
  return command;
}

const styles: Record<string, Style> = {
  known: 'good',
  unknown: 'warning',
  changed: 'bad'
};

function scan(): Command {
  return withExamples(
    new Command('scan')
      .argument(...server)
      .description('Show the host key that a server presents now')
      .action(
        withService(async ({ client, output }, target: HostAndPort) => {
          const key = await client.request('underpass/hostKeys/scan', target);
          output.result(key, () => [
            [
              `${hostPort(key)} ${key.keyType} ${key.fingerprint} `,
              paint(styles[key.status] ?? 'quiet', key.status)
            ]
          ]);
        })
      ),
    'underpass hostkey scan bastion.example.org',
    'underpass hostkey scan bastion.example.org:2222 --json'
  );
}

function approve(): Command {
  return withExamples(
    new Command('approve')
      .argument(...server)
      .argument(
        '[fingerprint]',
        'SHA256:…, from a source you trust; without it you are asked'
      )
      .description('Trust a server whose key has this fingerprint')
      .action(
        withService(
          async (
            terminal,
            target: HostAndPort,
            fingerprint: string | undefined
          ) => {
            const { client, output } = terminal;
            const trusted =
              fingerprint ?? (await askAboutServer(terminal, target));
            if (trusted === undefined) {
              output.say(['Not approved.']);
              process.exitCode = 1;
              return;
            }
            const key = await client.request('underpass/hostKeys/approve', {
              ...target,
              fingerprint: trusted
            });
            output.result(key, () => [
              `Approved ${key.keyType} ${key.fingerprint} for ${hostPort(key)}.`
            ]);
          }
        )
      ),
    'underpass hostkey approve bastion.example.org SHA256:AbC…',
    'underpass hostkey approve bastion.example.org:2222'
  );
}

/** @returns the fingerprint that the person trusts, if any */
async function askAboutServer(
  terminal: Terminal,
  target: HostAndPort
): Promise<string | undefined> {
  const where = hostPort(target);
  if (!terminal.interactive) {
    throw nobodyToAsk(where);
  }
  const key = await terminal.client.request('underpass/hostKeys/scan', target);
  if (key.status === 'changed') {
    throw fail(
      'host-key-changed',
      'host-key',
      `The host key of ${where} is not the approved one (it shows ${key.keyType} ${key.fingerprint}): somebody may be listening in.`,
      `Ask the owner of the server. If the new key is right: underpass hostkey remove ${where}, then approve it.`
    );
  }
  if (key.status === 'known') {
    return key.fingerprint;
  }
  return (await trusts(terminal, key)) ? key.fingerprint : undefined;
}

function list(): Command {
  return withExamples(
    new Command('list').description('List the approved host keys').action(
      withService(async ({ client, output }) => {
        const { hostKeys } = await client.request(
          'underpass/hostKeys/list',
          {}
        );
        output.result(hostKeys, () =>
          output.table(
            hostKeys.map(key => [
              hostPort(key),
              key.keyType,
              key.fingerprint,
              key.approvedAt
            ]),
            { whole: [0, 2] }
          )
        );
      })
    ),
    'underpass hostkey list'
  );
}

function pending(): Command {
  return withExamples(
    new Command('pending')
      .description('Show the questions that wait for a person, and answer them')
      .action(
        withService(async terminal => {
          const { client, output, interactive } = terminal;
          const { prompts } = await client.request(
            'underpass/prompts/list',
            {}
          );
          if (!interactive) {
            output.result(prompts, () => prompts.map(describe));
            return;
          }
          if (prompts.length === 0) {
            output.say(['Nothing waits for an answer.']);
          }
          for (const prompt of prompts) {
            if (prompt.status === 'changed') {
              output.say([paint('bad', describe(prompt))]);
              continue;
            }
            const approved = await answer(terminal, prompt);
            output.say([approved ? 'Approved.' : 'Rejected.']);
          }
        })
      ),
    'underpass hostkey pending',
    'underpass hostkey pending --json'
  );
}

function describe(prompt: HostKeyPrompt): string {
  const where = hostPort(prompt);
  const what = `${where} ${prompt.keyType} ${prompt.fingerprint}`;
  const integrations = prompt.integrations.join(', ') || 'nobody';
  return prompt.status === 'changed'
    ? `${what}: not the approved key. Ask the owner of the server; if it is right: underpass hostkey remove ${where}`
    : `${what}, waited for by ${integrations}. Compare it, then: underpass hostkey approve ${where} ${prompt.fingerprint}`;
}

function reject(): Command {
  return withExamples(
    new Command('reject')
      .argument(...server)
      .description(
        'Say no to the question about a server: who waits for it fails'
      )
      .action(
        withService(async ({ client, output }, target: HostAndPort) => {
          const { prompts } = await client.request(
            'underpass/prompts/list',
            {}
          );
          const about = prompts.filter(
            ({ host, port }) => host === target.host && port === target.port
          );
          for (const { id } of about) {
            await client.request('underpass/prompts/reject', { id });
          }
          output.result({ rejected: about.length }, () => [
            about.length > 0
              ? `Rejected ${hostPort(target)}.`
              : `Nobody asks about ${hostPort(target)}.`
          ]);
        })
      ),
    'underpass hostkey reject bastion.example.org:22'
  );
}

function remove(): Command {
  return withExamples(
    new Command('remove')
      .argument(...server)
      .description('Forget the approved keys of a server')
      .action(
        withService(async ({ client, output }, target: HostAndPort) => {
          const { removed } = await client.request(
            'underpass/hostKeys/remove',
            target
          );
          output.result({ removed }, () => [`Removed ${removed} host key(s).`]);
        })
      ),
    'underpass hostkey remove bastion.example.org:22'
  );
}

function hostAndPort(value: string): HostAndPort {
  const address = parseHostPort(value, sshPort);
  if (!address) {
    throw new InvalidArgumentError('Give HOST:PORT.');
  }
  return address;
}
