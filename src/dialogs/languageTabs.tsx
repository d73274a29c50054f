import type { TranslationBundle } from '@jupyterlab/translation';
import type { HowToUse } from '@underpass/protocol';
import * as React from 'react';

type Language = HowToUse['language'];

export interface ILanguageTabsProps {
  sections: readonly HowToUse[];
  /** The language that is shown at first; else the one of the first section. */
  preferred: Language | undefined;
  trans: TranslationBundle;
  /** Shows one section. */
  children: (section: HowToUse) => JSX.Element;
}

/** Sections by language: one tab for each that has any, in the order of the sections. */
export function LanguageTabs(props: ILanguageTabsProps): JSX.Element {
  const { sections, preferred, trans, children } = props;
  const languages = [...new Set(sections.map(({ language }) => language))];
  const [chosen, choose] = React.useState(preferred ?? languages[0]);
  const tabs = React.useRef(new Map<Language, HTMLButtonElement>());
  const id = React.useId();
  const go = (language: Language | undefined) => {
    if (language) {
      choose(language);
      tabs.current.get(language)?.focus();
    }
  };
  return (
    <>
      <div
        className="jp-Underpass-tabs"
        role="tablist"
        aria-label={trans.__('Language')}
        onKeyDown={event => {
          const at = languages.findIndex(language => language === chosen);
          const next = nextTab(event.key, at, languages.length);
          if (next !== undefined) {
            event.preventDefault();
            event.stopPropagation();
            go(languages[next]);
          }
        }}
      >
        {languages.map(language => (
          <button
            key={language}
            ref={node => {
              if (node) {
                tabs.current.set(language, node);
              }
            }}
            id={`${id}-${language}`}
            type="button"
            role="tab"
            className="jp-Underpass-tab"
            aria-selected={language === chosen}
            aria-controls={`${id}-panel`}
            tabIndex={language === chosen ? 0 : -1}
            onClick={() => choose(language)}
          >
            {titleOf(language, trans)}
          </button>
        ))}
      </div>
      <div
        id={`${id}-panel`}
        role="tabpanel"
        aria-labelledby={`${id}-${chosen}`}
        className="jp-Underpass-tabPanel"
      >
        {sections.filter(({ language }) => language === chosen).map(children)}
      </div>
    </>
  );
}

/** Where a key leads to from the tab `at`, of so many; undefined if nowhere. */
export function nextTab(
  key: string,
  at: number,
  count: number
): number | undefined {
  switch (key) {
    case 'ArrowRight':
      return (at + 1) % count;
    case 'ArrowLeft':
      return (at + count - 1) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}

function titleOf(language: Language, trans: TranslationBundle): string {
  switch (language) {
    case 'sql':
      return trans.__('SQL');
    case 'python':
      return trans.__('Python');
    case 'r':
      return trans.__('R');
    case 'shell':
      return trans.__('Shell');
  }
}
