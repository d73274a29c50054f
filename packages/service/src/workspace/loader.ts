import { asFailure, fail, type ServiceError } from '../serviceError.js';
import { type Envelope, type KeptProblem, open } from './envelope.js';
import { type Content, type Format, isContent } from './format.js';
import type { Copy, Keeper } from './keeper.js';
import { newerFailure } from './storageFailure.js';

export interface Loaded<T> {
  value: T;
  /** Of the format that the file has; undefined where it does not say. */
  version: number | undefined;
  writers: ReadonlyMap<string, number>;
  problems: readonly KeptProblem[];
  /** It was damaged: what is here is not what the file says. */
  repaired: boolean;
  /** It was damaged and could not be kept aside: it must not be written over. */
  unkept?: ServiceError;
}

interface LastGood<T> extends Copy, Envelope {
  value: T;
}

/** Reads a precious file, whatever is in it. */
export class Loader<T> {
  constructor(
    private readonly path: string,
    private readonly format: Format<T>,
    private readonly keeper: Keeper
  ) {}

  /**
   * @param bytes undefined where there is no file
   * @throws ServiceError `storage-newer`
   */
  load(bytes: Buffer | undefined): Loaded<T> {
    const lastGood = this.lastGood();
    if (bytes === undefined) {
      return lastGood
        ? this.restored(lastGood)
        : {
            value: this.format.empty,
            version: undefined,
            writers: new Map(),
            problems: [],
            repaired: false
          };
    }
    const envelope = this.parse(bytes);
    if (!envelope) {
      const lost = lastGood
        ? `The last good copy, of ${lastGood.time}, is used instead; what was changed after that is lost.`
        : 'There is no good copy of it: everything in it is left out.';
      return this.repaired(bytes, lastGood, lastGood?.value, [
        'It is cut off or can not be read at all.',
        lost
      ]);
    }
    const { value, lost } = this.format.salvage(
      envelope.content,
      lastGood?.value
    );
    if (!envelope.changedOutside) {
      return lost.length > 0
        ? this.repaired(bytes, envelope, value, lost)
        : { ...envelope, value, repaired: false };
    }
    if (lastGood && this.format.outsideChange === 'undone') {
      return this.repaired(bytes, envelope, lastGood.value, [
        'It was changed by something else than underpass.',
        `The last good copy, of ${lastGood.time}, is used instead.`
      ]);
    }
    return this.repaired(bytes, envelope, value, [
      `It was changed by something else than underpass. What it says now is used${this.before(lastGood)}.`,
      ...lost
    ]);
  }

  /** The damaged file is kept aside first. */
  private repaired(
    bytes: Buffer,
    envelope: Envelope | undefined,
    value: T | undefined,
    lost: readonly string[],
    what = 'was damaged'
  ): Loaded<T> {
    const loaded = {
      value: value ?? this.format.empty,
      version: envelope?.version,
      writers: envelope?.writers ?? new Map<string, number>(),
      problems: envelope?.problems ?? [],
      repaired: true
    };
    const message = [`${this.path} ${what}.`, ...lost].join(' ');
    try {
      const keptAs = this.keeper.keepAside(bytes, 'damaged');
      const { failure } = fail(
        'storage-damaged',
        'request',
        message,
        `Look whether everything is there, and add again what is not. The damaged file is kept as ${this.keeper.pathOf(keptAs)}: delete it when you need it no more, and this notice is gone.`
      );
      return {
        ...loaded,
        problems: [
          ...loaded.problems.filter(other => other.keptAs !== keptAs),
          { keptAs, failure }
        ]
      };
    } catch (error) {
      const { message: reason, fix } = asFailure(error);
      return {
        ...loaded,
        unkept: fail(
          'storage-damaged',
          'request',
          `${message} Nothing is saved until the damaged file can be kept aside. ${reason}`,
          fix,
          { path: this.path }
        )
      };
    }
  }

  /** The file is gone but its copy is not: nobody starts anew like that. */
  private restored(lastGood: LastGood<T>): Loaded<T> {
    return this.repaired(
      lastGood.bytes,
      lastGood,
      lastGood.value,
      [
        `The last good copy, of ${lastGood.time}, is used instead.`,
        'To start with an empty workspace, move the whole folder away.'
      ],
      'was gone'
    );
  }

  private before(lastGood: LastGood<T> | undefined): string {
    try {
      return lastGood
        ? `; what it said before is kept as ${this.keeper.pathOf(this.keeper.keepAside(lastGood.bytes, 'before'))}`
        : '';
    } catch {
      // No room for that either: it is said of the damaged file.
      return '';
    }
  }

  private lastGood(): LastGood<T> | undefined {
    const copy = this.keeper.lastGood();
    if (!copy) {
      return undefined;
    }
    try {
      const envelope = this.parse(copy.bytes);
      if (!envelope || envelope.changedOutside) {
        return undefined;
      }
      const { value, lost } = this.format.salvage(envelope.content, undefined);
      return lost.length === 0 ? { ...copy, ...envelope, value } : undefined;
    } catch {
      // Of a later version.
      return undefined;
    }
  }

  /** @returns undefined where it is not a file of ours */
  private parse(bytes: Buffer): Envelope | undefined {
    let file: unknown;
    try {
      file = JSON.parse(bytes.toString('utf8'));
    } catch {
      return undefined;
    }
    const envelope = isContent(file) ? open(file) : undefined;
    if (!envelope) {
      return undefined;
    }
    const known = this.format.migrations.length + 1;
    const { version, savedBy } = envelope;
    if (version > known) {
      throw newerFailure(this.path, version, known, savedBy);
    }
    return { ...envelope, content: this.migrated(envelope) };
  }

  private migrated({ version, content }: Envelope): Content {
    return this.format.migrations
      .slice(version - 1)
      .reduce((result, migrate) => migrate(result), content);
  }
}
