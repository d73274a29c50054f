/**
 * What is in `vault.json`, and how it is read when it is damaged.
 */
import { z } from 'zod';

import {
  type Content,
  type Format,
  type Salvaged,
  salvageRecord
} from './format.js';
import { type Entry, entrySchema } from './vaultEntry.js';

const keeperSchema = z.enum(['file', 'keyring']);

/** Who has the master key. */
export type KeeperKind = z.infer<typeof keeperSchema>;

export interface VaultContent {
  /** Written together with the entries, so that the two always fit. */
  readonly keeper: KeeperKind;
  /** The machine whose keyring it is. */
  readonly keptOn?: string | undefined;
  readonly entries: { readonly [name: string]: Entry };
}

export const vaultFormat: Format<VaultContent> = {
  empty: { keeper: 'file', entries: {} },
  migrations: [],
  outsideChange: 'undone',
  salvage
};

function salvage(
  content: Content,
  lastGood: VaultContent | undefined
): Salvaged<VaultContent> {
  const lost: string[] = [];
  const entries = salvageRecord(
    content.entries,
    {
      what: 'secret',
      member: 'entries',
      schema: entrySchema,
      lastGood: lastGood?.entries
    },
    lost
  );
  // The first vaults did not say.
  const keeper = keeperSchema.default('file').safeParse(content.keeper);
  const keptOn = z.string().optional().safeParse(content.keptOn).data;
  if (!keeper.success) {
    lost.push('Where the master key is can not be read.');
  }
  return {
    value: {
      ...content,
      keeper: keeper.data ?? lastGood?.keeper ?? 'file',
      keptOn: keptOn ?? lastGood?.keptOn,
      entries
    },
    lost
  };
}
