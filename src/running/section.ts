import type { JupyterFrontEnd } from '@jupyterlab/application';
import { SidePanel } from '@jupyterlab/ui-components';
import { AccordionPanel } from '@lumino/widgets';

/** Id of the sidebar with the running sessions; pages that have none have no such widget. */
const sidebar = 'jp-running-sessions';

/**
 * Show a section of the running sessions, with the focus on its title.
 *
 * @returns false where this page has no such sidebar
 */
export function showSection(
  shell: JupyterFrontEnd.IShell,
  name: string
): boolean {
  const panel = ['left', 'right']
    .flatMap(area => [...shell.widgets(area)])
    .find(({ id }) => id === sidebar);
  if (!panel) {
    return false;
  }
  shell.activateById(sidebar);
  const content = panel instanceof SidePanel ? panel.content : null;
  if (content instanceof AccordionPanel) {
    const index = content.widgets.findIndex(
      ({ title }) => title.label === name || title.caption === name
    );
    if (index >= 0) {
      content.expand(index);
      content.titles[index]?.scrollIntoView({ block: 'nearest' });
      content.titles[index]?.focus();
    }
  }
  return true;
}
