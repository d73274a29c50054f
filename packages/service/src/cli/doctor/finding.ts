/**
 * What the doctor looks at, and what it says.
 */
import type { ServiceClient } from '../../rpc/client.js';
import { asFailure } from '../../serviceError.js';

/** `skipped`: something else has to be put right first. */
export type Outcome = 'ok' | 'warning' | 'failed' | 'skipped';

export interface Finding {
  check: string;
  outcome: Outcome;
  /** One sentence. */
  message: string;
  /** What to do about it. */
  fix?: string;
}

/** What a check may look at. Nothing of it is sure to work. */
export interface Patient {
  environment: NodeJS.ProcessEnv;
  folder: string;
  /** Integrations to test. */
  names: readonly string[];
  /** Test all that are connected to the project. */
  all: boolean;
  /** A connection to the service; fails for all checks in the same way. */
  service: () => Promise<ServiceClient>;
}

export interface Check {
  name: string;
  /** The service has to answer for it. */
  needsService?: boolean;
  look: (patient: Patient) => Promise<Remark[]> | Remark[];
}

export type Remark = Omit<Finding, 'check'>;

export const ok = (message: string): Remark => ({ outcome: 'ok', message });

export const warning = (message: string, fix: string): Remark => ({
  outcome: 'warning',
  message,
  fix
});

export const failed = (message: string, fix: string): Remark => ({
  outcome: 'failed',
  message,
  fix
});

/** Whatever goes wrong in one check is its finding, and the others are made all the same. */
export async function examine(
  check: Check,
  patient: Patient
): Promise<Finding[]> {
  const found = await remarks(check, patient);
  return found.map(remark => ({ check: check.name, ...remark }));
}

async function remarks(check: Check, patient: Patient): Promise<Remark[]> {
  if (check.needsService) {
    try {
      await patient.service();
    } catch {
      return [
        { outcome: 'skipped', message: 'The tunnel service does not answer.' }
      ];
    }
  }
  try {
    return await check.look(patient);
  } catch (error) {
    const { message, fix } = asFailure(error);
    return [failed(message, fix)];
  }
}
