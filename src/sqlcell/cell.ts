import type { CodeCell } from '@jupyterlab/cells';
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { PanelLayout } from '@lumino/widgets';
import type { Integration } from '@underpass/protocol';
import type { Edit, FirstLine } from '@underpass/protocol/sqlCell';
import {
  parseFirstLine,
  setIntegration,
  setOutput
} from '@underpass/protocol/sqlCell';

import type { IIntegrationsModel } from '../tokens';
import { mimeTypeFor } from './dialects';
import { SqlEditor } from './editor';
import type { SqlCellHeader } from './header';
import { isDataFrames, reserved } from './names';
import type { IPreferences } from './preferences';
import type { IRun } from './run';
import { runOf } from './run';
import type { Execution } from './runClock';
import { RunClock } from './runClock';
import { SqlLanguage } from './language';

/**
 * Keeps the header, the editor and the colours of one cell in step with its first line. Nothing about the cell is
 * stored anywhere but in that line.
 */
export class SqlCell implements IDisposable {
  constructor(
    readonly cell: CodeCell,
    private readonly _options: SqlCell.IOptions
  ) {
    const { model } = cell;
    this._language = new SqlLanguage(model, _options.languages);
    this._editor = new SqlEditor(cell);
    this._clock = new RunClock(cell);
    this._clock.ticked.connect(this._show, this);
    model.contentChanged.connect(this._update, this);
    model.metadataChanged.connect(this._show, this);
    model.outputs.changed.connect(this._onOutputs, this);
    cell.disposed.connect(this.dispose, this);
    this._update();
  }

  /** The parsed first line; null while this is no SQL cell of ours. */
  get line(): FirstLine | null {
    return this._line?.foreign ? null : this._line;
  }

  /** The integration that the first line names, if there is one. */
  get integration(): Integration | undefined {
    const name = this._line?.integration?.value;
    return name && !isDataFrames(name)
      ? this._options.model.find(name)
      : undefined;
  }

  get execution(): Execution {
    return this._clock.execution;
  }

  /** The last run, as its outputs tell. */
  get run(): IRun | null {
    return (this._run ??= { is: runOf(this.cell.model.outputs) }).is;
  }

  /** Whether the first line is hidden, unless it is being edited. */
  get hidesLine(): boolean {
    return (
      this._options.preferences.hideFirstLine &&
      this._header !== null &&
      this._line?.understood === true
    );
  }

  /** Whether the cell is within the visible part of the notebook. */
  get isInSight(): boolean {
    return this._isInSight;
  }

  set isInSight(isInSight: boolean) {
    if (isInSight !== this._isInSight) {
      this._isInSight = isInSight;
      this._clock.isWatched = isInSight;
      this.refresh();
    }
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  setIntegration(name: string): void {
    if (this._line) {
      this._edit(setIntegration(this._line, name));
    }
  }

  setOutput(name: string): void {
    if (this._line) {
      this._edit(setOutput(this._line, name));
    }
  }

  /** Show the first line, ready to be typed in. */
  editLine(): void {
    this._editor.editFirstLine();
  }

  /** The kernel began with what a message asked for. */
  began(messageId: string): void {
    this._clock.began(messageId);
  }

  /** What is known of integrations, or what people prefer, is new. Costs nothing while nobody sees it. */
  refresh(): void {
    if (this._isInSight) {
      this._update();
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    Signal.clearData(this);
    this._clock.dispose();
    this._language.dispose();
    this._header?.dispose();
    this._header = null;
  }

  private _edit({ start, end, text }: Edit): void {
    this.cell.model.sharedModel.updateSource(start, end, text);
  }

  private _update(): void {
    const { createHeader, preferences } = this._options;
    this._line = parseFirstLine(this.cell.model.sharedModel.getSource());
    this._language.mimeType = this._line && this._mimeType();
    if (this.line && preferences.header) {
      this._header ??= this._addHeader(createHeader(this));
    } else {
      this._header?.dispose();
      this._header = null;
    }
    // Which lines may be hidden, the editor knows itself, and sooner.
    this._editor.update(
      this._line !== null,
      preferences.hideFirstLine && this._header !== null
    );
    this._show();
  }

  private _mimeType(): string {
    const name = this._line?.integration?.value ?? '';
    return mimeTypeFor(
      isDataFrames(name) ? reserved.dataFrames : this.integration?.type
    );
  }

  /** Below the cell's own header, above its input. */
  private _addHeader(header: SqlCellHeader): SqlCellHeader {
    (this.cell.layout as PanelLayout).insertWidget(1, header);
    return header;
  }

  private _onOutputs(): void {
    this._run = null;
    this._show();
  }

  private _show(): void {
    if (this._isInSight) {
      this._header?.update();
    }
  }

  private readonly _language: SqlLanguage;
  private readonly _editor: SqlEditor;
  private readonly _clock: RunClock;
  private _line: FirstLine | null = null;
  private _header: SqlCellHeader | null = null;
  /** Null until it is asked for after outputs have changed. */
  private _run: { is: IRun | null } | null = null;
  private _isInSight = false;
  private _isDisposed = false;
}

export namespace SqlCell {
  export interface IOptions {
    languages: IEditorLanguageRegistry;
    model: IIntegrationsModel;
    preferences: IPreferences;
    /** Makes the header when the cell becomes an SQL cell. */
    createHeader: (cell: SqlCell) => SqlCellHeader;
  }
}
