import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Integration, Results } from '@underpass/protocol';
import * as React from 'react';

import { asFailure } from '../failures';
import type { IIntegrationsModel } from '../tokens';

/** Asks whether an integration is to be deleted, and says who would miss it. */
export class DeleteDialog extends Dialog<void> {
  constructor(
    model: IIntegrationsModel,
    integration: Integration,
    trans: TranslationBundle
  ) {
    super({
      title: trans.__('Delete “%1”?', integration.name),
      body: ReactWidget.create(
        <Consequences model={model} integration={integration} trans={trans} />
      ),
      buttons: [
        Dialog.cancelButton(),
        Dialog.warnButton({ label: trans.__('Delete') })
      ],
      defaultButton: 0
    });
    this.addClass('jp-Underpass-dialog');
  }
}

interface IConsequencesProps {
  model: IIntegrationsModel;
  integration: Integration;
  trans: TranslationBundle;
}

type Usage = Results['underpass/integrations/usage'];

function Consequences(props: IConsequencesProps): JSX.Element {
  const { model, integration, trans } = props;
  const [usage, setUsage] = React.useState<Usage | string | null>(null);
  const [projects, setProjects] = React.useState<readonly string[]>([]);
  const { id, name } = integration;
  React.useEffect(() => {
    let shown = true;
    model
      .request('underpass/integrations/usage', { integration: id })
      .catch((error: unknown) => asFailure(error, trans).message)
      .then(found => shown && setUsage(found))
      .catch(() => undefined);
    const here = model.listing?.project ?? '';
    model
      .request('underpass/projects/list', {})
      .then(answer => {
        const others = answer.projects.filter(
          ({ folder, exists, integrations }) =>
            exists && integrations.includes(name) && !isWithin(folder, here)
        );
        if (shown) {
          setProjects(others.map(({ folder }) => folder));
        }
      })
      // It is said of the notebooks, too.
      .catch(() => undefined);
    return () => {
      shown = false;
    };
  }, [model, id, name, trans]);
  return (
    <div className="jp-Underpass-dialogBody">
      <p>
        {trans.__(
          'Its settings and secrets are deleted from the workspace, for all projects. This can not be undone.'
        )}
      </p>
      <div aria-live="polite">
        <p>{usage === null ? lookingFor(trans) : foundIn(usage, trans)}</p>
        {usage !== null && typeof usage !== 'string' && (
          <Paths paths={usage.notebooks} label={trans.__('Notebooks')} />
        )}
        {projects.length > 0 && (
          <p>
            {trans._n(
              'It is also connected to another project, whose notebooks were not looked at:',
              'It is also connected to %1 other projects, whose notebooks were not looked at:',
              projects.length
            )}
          </p>
        )}
        <Paths paths={projects} label={trans.__('Other projects')} />
      </div>
    </div>
  );
}

/** Whether the search for notebooks came by there. */
function isWithin(folder: string, project: string): boolean {
  return (
    folder === project ||
    folder.startsWith(`${project}/`) ||
    folder.startsWith(`${project}\\`)
  );
}

/** Can be scrolled by keyboard, too. */
function Paths(props: {
  paths: readonly string[];
  label: string;
}): JSX.Element | null {
  const { paths, label } = props;
  return paths.length === 0 ? null : (
    <ul className="jp-Underpass-paths" tabIndex={0} aria-label={label}>
      {paths.map(path => (
        <li key={path}>{path}</li>
      ))}
    </ul>
  );
}

function lookingFor(trans: TranslationBundle): string {
  return trans.__('Looking for notebooks that use it…');
}

function foundIn(usage: Usage | string, trans: TranslationBundle): string {
  if (typeof usage === 'string') {
    return trans.__('Which notebooks use it could not be found out. %1', usage);
  }
  const { notebooks, complete } = usage;
  const count = notebooks.length;
  if (count === 0) {
    return complete
      ? trans.__('No notebook of this project uses it.')
      : trans.__(
          'No notebook was found that uses it, but not all of this project could be looked at.'
        );
  }
  return complete
    ? trans._n(
        'A notebook of this project uses it. Its cells stop working:',
        '%1 notebooks of this project use it. Their cells stop working:',
        count
      )
    : trans._n(
        'A notebook of this project uses it, and there may be more: not all could be looked at. Its cells stop working:',
        '%1 notebooks of this project use it, and there may be more: not all could be looked at. Their cells stop working:',
        count
      );
}
