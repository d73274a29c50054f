import { expect, test } from '@jupyterlab/galata';

import { IntegrationsPage } from '../integrations';
import { bothThemes } from '../screenshots';
import { SqlCells } from '../sqlCell';

test.use({ kernels: null });

/** Nobody listens there: what is shown needs no database. */
const fields = { host: '127.0.0.1', port: 9, user: 'me', database: 'shop' };

test.beforeEach(async ({ page }) => {
  const integrations = new IntegrationsPage(page);
  await integrations.addDirectly('postgresql', 'Shop', fields);
  await integrations.addDirectly('mysql', 'My DB', fields);
  await integrations.addDirectly('mongodb', 'Docs', fields);
});

test.afterEach(async ({ page }) => {
  const integrations = new IntegrationsPage(page);
  for (const name of ['Shop', 'My DB', 'Docs']) {
    await integrations.remove(name);
  }
});

test('the header and the first line are one', async ({ page }) => {
  const cells = new SqlCells(page);
  await cells.open('%%sql Shop --limit 5 -o rows\nSELECT 1');
  const { header, picker, output, status, editor, pencil, lines } = cells.at(0);
  await expect(picker).toHaveValue('Shop');
  await expect(output).toHaveValue('rows');
  await expect(header.locator('code')).toHaveText('--limit 5');
  await expect(status).toHaveText('No tunnel (direct)');
  await expect(lines).toHaveText(['SELECT 1']);
  await expect(editor).toHaveAttribute('data-language', 'sql');

  await output.fill('df');
  await output.press('Enter');
  await picker.selectOption('My DB');
  await expect
    .poll(() => cells.sources())
    .toEqual(['%%sql "My DB" --limit 5 -o df\nSELECT 1']);
  await expect(lines).toHaveText(['SELECT 1']);

  // No name of a variable is not taken over; nothing is the default.
  await output.fill('1 x');
  await output.press('Enter');
  await expect(output).toHaveValue('df');
  await output.fill('');
  await output.press('Enter');
  await expect(output).toHaveAttribute('placeholder', 'sql_df');
  await expect
    .poll(() => cells.sources())
    .toEqual(['%%sql "My DB" --limit 5\nSELECT 1']);

  // The other way round.
  await pencil.click();
  await expect(lines).toHaveText(['%%sql "My DB" --limit 5', 'SELECT 1']);
  await page.keyboard.insertText(' -o two');
  await expect(output).toHaveValue('two');
  await page.keyboard.press('ArrowDown');
  await expect(lines).toHaveText(['SELECT 1']);
  await expect(page.locator('.jp-Notebook.jp-mod-editMode')).toBeVisible();
});

test('the picker offers databases and DataFrames, marks what it does not know, and leads to Add', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  const cells = new SqlCells(page);
  await cells.open('%%sql Other\nSELECT 1', '%%sql duckdb\nSELECT 1');
  const { picker, status } = cells.at(0);
  await expect(picker.locator('option')).toHaveText([
    'Other (unknown)',
    'Docs',
    'My DB',
    'Shop',
    'DataFrames (DuckDB)',
    'Add integration…'
  ]);
  await expect(picker).toHaveAttribute('aria-invalid', 'true');
  await expect(status).toHaveText('Unknown integration');
  await picker.selectOption('DataFrames (DuckDB)');
  await expect(status).toHaveText('In this kernel');
  await expect(cells.at(1).picker).toHaveValue('duckdb');
  await expect
    .poll(() => cells.sources())
    .toEqual(['%%sql duckdb\nSELECT 1', '%%sql duckdb\nSELECT 1']);

  await picker.selectOption('Add integration…');
  await expect(integrations.dialog).toContainText('PostgreSQL');
  await page.keyboard.press('Escape');
  await expect(picker).toHaveValue('duckdb');
});

test('colours follow the picker', async ({ page }) => {
  const cells = new SqlCells(page);
  // Backticks quote names in MySQL, and mean nothing in PostgreSQL.
  await cells.open('%%sql Shop\nSELECT `a` FROM t WHERE id = {{ limit }}');
  const { picker, editor } = cells.at(0);
  const mimeType = () =>
    page.evaluate(() => {
      const panel = window.jupyterapp.shell.currentWidget as unknown as {
        content: { widgets: { model: { mimeType: string } }[] };
      };
      return panel.content.widgets.at(0)?.model.mimeType;
    });
  await expect.poll(mimeType).toBe('text/x-pgsql');
  await expect(editor.locator('.jp-Underpass-expression')).toHaveText(
    '{{ limit }}'
  );
  await picker.selectOption('My DB');
  await expect.poll(mimeType).toBe('text/x-mysql');
  await picker.selectOption('Docs');
  await expect.poll(mimeType).toBe('text/javascript');
  await expect(editor).toHaveAttribute('data-language', 'javascript');
  await picker.selectOption('Shop');
  await expect.poll(mimeType).toBe('text/x-pgsql');

  // A cell that is Python again.
  await cells.at(0).pencil.click();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText('x = 1');
  await expect(cells.at(0).header).toHaveCount(0);
  await expect(editor).toHaveAttribute('data-language', 'python');
});

test('production and read-only are said in words, and undo and settings are followed', async ({
  page
}) => {
  const integrations = new IntegrationsPage(page);
  await integrations.addDirectly('postgresql', 'Live', fields);
  await page.request.post('underpass/rpc', {
    data: {
      method: 'underpass/integrations/update',
      params: {
        integration: 'Live',
        marks: { production: true, readOnly: true }
      },
      path: ''
    }
  });
  const cells = new SqlCells(page);
  await cells.open(
    '%%sql Live -o customers --limit 100\nSELECT id, name FROM customers\nWHERE city = {{ city }}',
    '%%sql Shop\nSELECT 1',
    '%%sql "Shop\nSELECT 1',
    '%%sql My DB\nSELECT 1'
  );
  const { header } = cells.at(0);
  await expect(header).toContainText('Production');
  await expect(header).toContainText('Read-only');
  await expect(header).toHaveAttribute('data-production', 'true');
  await expect(cells.at(1).header).toHaveAttribute('data-production', 'false');
  await expect(cells.at(2).header).toContainText('is not closed');
  await expect(cells.at(2).lines).toHaveCount(2);
  await expect(cells.at(3).header).toContainText('more than one integration');
  await bothThemes(page, 'sql-cell-header', page.locator('.jp-Notebook'));

  await cells.at(1).picker.selectOption('Live');
  await expect(cells.at(1).header).toContainText('Production');
  await cells.at(1).enter();
  await page.keyboard.press('Control+z');
  await expect(cells.at(1).picker).toHaveValue('Shop');
  await expect(cells.at(1).header).not.toContainText('Production');
  await integrations.remove('Live');
});
