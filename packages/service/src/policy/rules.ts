/**
 * What one administrator's place says: a policy file, or the configuration of a Jupyter server. Both have the same
 * members. What can not be understood is reported, and a switch that can not be understood is off.
 */
import { type Feature, features } from '@underpass/protocol';
import { z } from 'zod';

import { readAddresses } from '../egress/addresses.js';

export interface Rules {
  switchedOff: ReadonlySet<Feature>;
  egressAddresses: readonly string[];
  /** About the addresses, one sentence each. */
  remarks: readonly string[];
  /** What could not be understood and what follows, one sentence each. */
  problems: readonly string[];
}

export const noRules: Rules = {
  switchedOff: new Set(),
  egressAddresses: [],
  remarks: [],
  problems: []
};

const members = [...features, 'egressAddresses'];

const given = z.record(z.string(), z.unknown());
const switchSchema = z.boolean();
const listSchema = z.array(z.unknown());

/** Rules that switch everything off, because nobody knows what the administrator wanted. */
export function strictest(problem: string): Rules {
  return {
    ...noRules,
    switchedOff: new Set(features),
    problems: [
      `${problem} Until it can, everything that can be is switched off.`
    ]
  };
}

/** @param where begins the sentences about problems */
export function readRules(content: unknown, where: string): Rules {
  const parsed = given.safeParse(content);
  if (!parsed.success) {
    return strictest(`${where} can not be read: it is no JSON object.`);
  }
  const switchedOff = new Set<Feature>();
  const problems: string[] = [];
  for (const [member, value] of Object.entries(parsed.data)) {
    if (!members.includes(member)) {
      problems.push(
        `${where} has an unknown member ${quoted(member)}, which does nothing: the members are ${members.join(', ')}.`
      );
    }
    const feature = features.find(known => known === member);
    if (feature) {
      const wanted = switchSchema.safeParse(value);
      if (!wanted.success) {
        problems.push(
          `${where}: ${member} must be true or false, not ${quoted(value)}; it is taken as false.`
        );
      }
      if (wanted.data !== true) {
        switchedOff.add(feature);
      }
    }
  }
  const { addresses, remarks } = readList(
    parsed.data.egressAddresses,
    where,
    problems
  );
  return { switchedOff, egressAddresses: addresses, remarks, problems };
}

function readList(
  value: unknown,
  where: string,
  problems: string[]
): { addresses: string[]; remarks: string[] } {
  if (value === undefined) {
    return { addresses: [], remarks: [] };
  }
  const list = listSchema.safeParse(value);
  if (!list.success) {
    problems.push(
      `${where}: egressAddresses must be a list of addresses, not ${quoted(value)}; it is left out.`
    );
    return { addresses: [], remarks: [] };
  }
  const texts = list.data.filter(entry => typeof entry === 'string');
  for (const entry of list.data) {
    if (typeof entry !== 'string') {
      problems.push(
        `${where}: egressAddresses: ${quoted(entry)} is no text; it is left out.`
      );
    }
  }
  const { refused, ...rest } = readAddresses(texts);
  for (const { entry, reason } of refused) {
    problems.push(
      `${where}: egressAddresses: "${entry}" ${reason}; it is left out.`
    );
  }
  return rest;
}

/** Short, on one line. */
function quoted(value: unknown): string {
  const text = (JSON.stringify(value) ?? String(value)).replace(/\p{C}/gu, '?');
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
