import * as React from 'react';

/** What a person comes to with the keyboard: the menu button of each item. */
const buttons = '.jp-Underpass-itemMenu';

/** Keys that go from item to item, and where to. */
const moves: { [key: string]: (at: number, last: number) => number } = {
  ArrowDown: (at, last) => Math.min(at + 1, last),
  ArrowUp: at => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_, last) => last
};

interface IFocusProps {
  /** Id of the integration that is to get the focus, as soon as it is shown; empty for whatever comes first. */
  wanted: string | null;
  /** It has it. */
  onFocused: () => void;
  children: React.ReactNode;
}

/** Where the focus was before the list changed. */
interface IPlace {
  element: Element;
  id: string | undefined;
  index: number;
}

/**
 * Keeps the focus in a list of integrations: an item that goes to another section takes it along, one that is deleted
 * leaves it to its neighbour. Arrow keys go from item to item.
 */
export class Focus extends React.Component<IFocusProps> {
  override componentDidMount(): void {
    this._focusWanted();
  }

  override getSnapshotBeforeUpdate(): IPlace | null {
    const element = document.activeElement;
    const item = element?.closest<HTMLElement>('[data-integration]');
    if (!element || !item || !this._root.current?.contains(item)) {
      return null;
    }
    const index = this._buttons.findIndex(button => item.contains(button));
    return { element, id: item.dataset.integration, index };
  }

  override componentDidUpdate(
    _props: IFocusProps,
    _state: unknown,
    before: IPlace | null
  ): void {
    if (before && !before.element.isConnected) {
      const left = this._buttons;
      const next =
        this._buttonOf(before.id) ??
        left[Math.min(before.index, left.length - 1)] ??
        this._root.current?.querySelector<HTMLElement>('.jp-mod-accept');
      next?.focus();
    }
    this._focusWanted();
  }

  override render(): JSX.Element {
    return (
      <div ref={this._root} onKeyDown={this._onKeyDown}>
        {this.props.children}
      </div>
    );
  }

  private get _buttons(): HTMLElement[] {
    return [
      ...(this._root.current?.querySelectorAll<HTMLElement>(buttons) ?? [])
    ];
  }

  private get _first(): HTMLElement | null | undefined {
    return (
      this._buttons[0] ??
      this._root.current?.querySelector<HTMLElement>('button')
    );
  }

  private _buttonOf(id: string | null | undefined): HTMLElement | undefined {
    return this._buttons.find(
      button =>
        button.closest<HTMLElement>('[data-integration]')?.dataset
          .integration === id
    );
  }

  private _focusWanted(): void {
    const { wanted, onFocused } = this.props;
    const button = wanted === '' ? this._first : this._buttonOf(wanted);
    if (button) {
      button.scrollIntoView({ block: 'nearest' });
      button.focus();
      onFocused();
    }
  }

  private readonly _onKeyDown = (event: React.KeyboardEvent) => {
    const all = this._buttons;
    const at = all.indexOf(event.target as HTMLElement);
    const move = moves[event.key];
    if (at >= 0 && move) {
      event.preventDefault();
      event.stopPropagation();
      all[move(at, all.length - 1)]?.focus();
    }
  };

  private readonly _root = React.createRef<HTMLDivElement>();
}
