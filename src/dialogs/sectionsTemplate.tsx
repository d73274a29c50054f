import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { ObjectFieldTemplateProps } from '@rjsf/utils';
import * as React from 'react';

import type { IFormContext } from './fieldTemplate';

/** The fields of a form: those that everybody needs, and behind a heading that opens the rest. */
export function SectionsTemplate(
  props: ObjectFieldTemplateProps<ReadonlyJSONObject>
): JSX.Element {
  const { idSchema, properties, errorSchema, formData } = props;
  const { advanced, behind, defaults, trans } =
    props.formContext as IFormContext;
  const [isOpen, setOpen] = React.useState(false);
  const isRare = ({ name }: { name: string }) => advanced.includes(name);
  const rare = properties.filter(field => isRare(field) && !field.hidden);
  // What is refused, or was filled in by a URL, must be seen.
  const hasContent = rare.some(
    ({ name }) =>
      errorSchema?.[name] ||
      (isFilled(formData?.[name]) && formData?.[name] !== defaults[name])
  );
  React.useEffect(() => {
    if (hasContent) {
      setOpen(true);
    }
  }, [hasContent]);
  return (
    <>
      <fieldset id={idSchema.$id}>
        {properties.filter(field => !isRare(field)).map(field => field.content)}
      </fieldset>
      {behind}
      {rare.length > 0 && (
        <details
          className="jp-Underpass-advanced"
          open={isOpen || hasContent}
          onToggle={event => setOpen(event.currentTarget.open)}
        >
          <summary>{trans.__('More options')}</summary>
          <fieldset>{rare.map(field => field.content)}</fieldset>
        </details>
      )}
    </>
  );
}

function isFilled(value: unknown): boolean {
  return typeof value === 'object' && value !== null
    ? Object.keys(value).length > 0
    : value !== undefined && value !== '';
}
