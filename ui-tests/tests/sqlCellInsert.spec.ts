import { expect, test } from '@jupyterlab/galata';

import { IntegrationsPage } from '../integrations';
import { SqlCells } from '../sqlCell';

test.use({ kernels: null });

/** Nobody listens there: what is shown needs no database. */
const fields = { host: '127.0.0.1', port: 9, user: 'me', database: 'shop' };

test.beforeEach(async ({ page }) => {
  const integrations = new IntegrationsPage(page);
  await integrations.addDirectly('postgresql', 'Archive', fields);
  await integrations.addDirectly('mysql', 'My DB', fields);
});

test.afterEach(async ({ page }) => {
  const integrations = new IntegrationsPage(page);
  for (const name of ['Archive', 'My DB']) {
    await integrations.remove(name);
  }
});

test('an SQL cell is inserted from the toolbar, the menu, the palette and the keyboard, for the integration in use', async ({
  page
}) => {
  const cells = new SqlCells(page);
  await cells.open('x = 1');
  const write = async (count: number, sql: string) => {
    const cell = cells.at(count - 1);
    await expect(page.locator('.jp-CodeCell')).toHaveCount(count);
    await expect(cell.lines).toHaveText(['']);
    await expect(cell.editor).toBeFocused();
    await page.keyboard.insertText(sql);
  };

  await page.locator('.jp-NotebookPanel-toolbar').getByText('+ SQL').click();
  await write(2, 'SELECT 1');
  await expect(cells.at(1).output).toHaveAttribute('placeholder', 'sql_df');

  await cells.at(1).picker.selectOption('My DB');
  await cells.at(1).enter();
  await page.menu.clickMenuItem('Edit>Insert SQL cell');
  await write(3, 'SELECT 2');

  await page.keyboard.press('Alt+Shift+S');
  await write(4, 'SELECT 3');

  // From command mode, too.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+Shift+S');
  await write(5, 'SELECT 4');

  await page.keyboard.press('Control+Shift+C');
  await page.locator('.lm-CommandPalette-input').fill('Insert SQL cell');
  await page
    .locator('.lm-CommandPalette-item', { hasText: 'Insert SQL cell' })
    .click();
  await write(6, 'SELECT 5');

  await expect
    .poll(() => cells.sources())
    .toEqual([
      'x = 1',
      '%%sql "My DB"\nSELECT 1',
      '%%sql "My DB"\nSELECT 2',
      '%%sql "My DB"\nSELECT 3',
      '%%sql "My DB"\nSELECT 4',
      '%%sql "My DB"\nSELECT 5'
    ]);
});

test('the parts of an SQL cell that is split are SQL cells, and those of another are not', async ({
  page
}) => {
  const cells = new SqlCells(page);
  await cells.open(
    '%%sql "My DB" -o rows\nSELECT 1;\nSELECT 2;\nSELECT 3',
    'x = 1\ny = 2'
  );
  const split = async (index: number, line: number) => {
    await cells.at(index).lines.nth(line).click();
    await page.keyboard.press('Home');
    await page.keyboard.press('Control+Shift+Minus');
  };
  await expect(cells.at(0).lines).toHaveText([
    'SELECT 1;',
    'SELECT 2;',
    'SELECT 3'
  ]);
  await split(0, 1);
  await expect(cells.at(1).lines).toHaveText(['SELECT 2;', 'SELECT 3']);
  await expect(cells.at(1).picker).toHaveValue('My DB');
  await split(2, 1);
  await expect
    .poll(() => cells.sources())
    .toEqual([
      '%%sql "My DB" -o rows\nSELECT 1;',
      '%%sql "My DB"\nSELECT 2;\nSELECT 3',
      'x = 1',
      'y = 2'
    ]);
});

test('keys lead through the header to the editor and back', async ({
  page
}) => {
  const cells = new SqlCells(page);
  await cells.open('%%sql Archive\nSELECT 1');
  const { picker, output, pencil, editor } = cells.at(0);
  await expect(picker).toHaveValue('Archive');
  await cells.at(0).enter();
  await picker.focus();
  await expect(picker).toBeFocused();
  // Those of the notebook mean nothing here.
  await page.keyboard.press('x');
  await expect(picker).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(picker).toHaveValue('My DB');
  await expect(cells.at(0).header).toHaveCount(1);
  await page.keyboard.press('Tab');
  await expect(output).toBeFocused();
  await page.keyboard.insertText('rows');
  await page.keyboard.press('Tab');
  await expect(pencil).toBeFocused();
  await expect
    .poll(() => cells.sources())
    .toEqual(['%%sql "My DB" -o rows\nSELECT 1']);
  await page.keyboard.press('Tab');
  await expect(editor).toBeFocused();

  await output.focus();
  await page.keyboard.insertText('not this');
  await page.keyboard.press('Escape');
  await expect(editor).toBeFocused();
  await expect(output).toHaveValue('rows');
});
