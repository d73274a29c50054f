import { expect, test } from '@jupyterlab/galata';

import { SqlCells } from '../sqlCell';

test.use({ kernels: null });

test('the cursor passes the hidden line, and what is selected is what is seen', async ({
  page
}) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const copied = async () => {
    await page.keyboard.press('Control+C');
    return page.evaluate(() => navigator.clipboard.readText());
  };
  const cells = new SqlCells(page);
  const sources = ['%%sql one\nSELECT 1', '%%sql two\nSELECT 2\nFROM t'];
  await cells.open(...sources);
  const [one, two] = [cells.at(0), cells.at(1)];
  await expect(two.lines).toHaveText(['SELECT 2', 'FROM t']);

  await two.enter();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Home');
  await expect(two.editor).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(one.editor).toBeFocused();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowDown');
  await expect(two.editor).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Control+Home');
  await page.keyboard.insertText('-- x\n');
  await expect
    .poll(() => cells.sources())
    .toEqual([sources[0], '%%sql two\n-- x\nSELECT 2\nFROM t']);
  await page.keyboard.press('Control+z');
  await expect.poll(() => cells.sources()).toEqual(sources);
  await expect(two.lines).toHaveText(['SELECT 2', 'FROM t']);

  await page.keyboard.press('Control+A');
  expect(await copied()).toBe('SELECT 2\nFROM t');
  await page.keyboard.press('Control+A');
  expect(await copied()).toBe(sources[1]);
  await expect(two.lines).toHaveText(['%%sql two', 'SELECT 2', 'FROM t']);
  await page.keyboard.press('ArrowRight');
  await expect(two.lines).toHaveText(['SELECT 2', 'FROM t']);

  // Another query in place of this one; a whole cell in place of this one.
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText('SELECT 3');
  await expect
    .poll(async () => (await cells.sources())[1])
    .toBe('%%sql two\nSELECT 3');
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText('%%sql three\nSELECT 4');
  await expect
    .poll(async () => (await cells.sources())[1])
    .toBe('%%sql three\nSELECT 4');
});

test('a first line typed by hand stays until the cursor leaves it', async ({
  page
}) => {
  const cells = new SqlCells(page);
  await cells.open('');
  const { editor, lines, header, picker } = cells.at(0);
  await editor.click();
  await page.keyboard.type('%%sql prod -o rows');
  await expect(picker).toHaveValue('prod');
  await expect(lines).toHaveText(['%%sql prod -o rows']);
  await page.keyboard.press('Enter');
  await expect(lines).toHaveText(['']);
  await page.keyboard.type('SELECT 1');
  await expect
    .poll(() => cells.sources())
    .toEqual(['%%sql prod -o rows\nSELECT 1']);

  // An option that is not known here is hidden from nobody.
  await cells.at(0).pencil.click();
  await page.keyboard.type(' --other x');
  await page.keyboard.press('ArrowDown');
  await expect(lines).toHaveText(['%%sql prod -o rows --other x', 'SELECT 1']);
  await expect(header.locator('code')).toHaveText('--other');
});

test('a search shows what it finds in the hidden line, and lines keep their numbers', async ({
  page
}) => {
  const cells = new SqlCells(page);
  await cells.open('%%sql prod\nSELECT 1');
  const { cell, lines } = cells.at(0);
  await expect(lines).toHaveText(['SELECT 1']);
  await page.menu.clickMenuItem('View>Show Line Numbers');
  const number = cell.locator('.cm-lineNumbers .cm-gutterElement:visible');
  await expect(number.filter({ hasText: /^\d$/ })).toHaveText(['2']);

  await page.keyboard.press('Control+f');
  await page.locator('.jp-DocumentSearch-input').first().fill('prod');
  await expect(page.locator('.jp-DocumentSearch-index-counter')).toHaveText(
    '-/1'
  );
  await page.keyboard.press('Enter');
  await expect(lines).toHaveText(['%%sql prod', 'SELECT 1']);
  await expect(
    cell.locator('.cm-searching, .jp-current-match').first()
  ).toHaveText('prod');
});

test('cells that are moved, changed in kind, split, merged or collapsed keep their header where they have one', async ({
  page
}) => {
  const cells = new SqlCells(page);
  await cells.open('%%sql one\nSELECT 1', '%%sql two\nSELECT 2', 'x = 1');
  const headers = page.getByRole('group', { name: 'SQL cell' });
  await expect(headers).toHaveCount(2);
  const run = (command: string) =>
    page.evaluate(
      id => window.jupyterapp.commands.execute(id).then(() => undefined),
      command
    );
  await page.notebook.selectCells(0);
  await run('notebook:move-cell-down');
  await expect(cells.at(1).picker).toHaveValue('one');
  await expect(cells.at(1).lines).toHaveText(['SELECT 1']);
  await run('notebook:cut-cell');
  await expect(headers).toHaveCount(1);
  await run('notebook:paste-cell-above');
  await expect(headers).toHaveCount(2);

  await page.notebook.selectCells(1);
  await run('notebook:change-cell-to-markdown');
  await expect(headers).toHaveCount(1);
  await run('notebook:change-cell-to-code');
  await expect(headers).toHaveCount(2);

  await run('notebook:hide-cell-code');
  await expect(
    page.locator('.jp-InputPlaceholder, .jp-Placeholder')
  ).toHaveCount(1);
  await expect(headers).toHaveCount(1);
  await run('notebook:show-cell-code');
  await expect(headers).toHaveCount(2);

  await page.notebook.selectCells(0, 1);
  await run('notebook:merge-cells');
  await expect(headers).toHaveCount(1);
  await expect(cells.at(0).lines).toHaveCount(4);
});

test('a cell that may not be edited shows its header, without changing anything', async ({
  page
}) => {
  const cells = new SqlCells(page);
  await cells.open('%%sql one -o rows\nSELECT 1');
  const { picker, output } = cells.at(0);
  await expect(picker).toBeEnabled();
  await page.evaluate(() => {
    const panel = window.jupyterapp.shell.currentWidget as unknown as {
      content: {
        activeCell: { model: { setMetadata(key: string, on: boolean): void } };
      };
    };
    panel.content.activeCell.model.setMetadata('editable', false);
  });
  await expect(picker).toBeDisabled();
  await expect(output).toBeDisabled();
});

test('two views of a notebook are in step, and settings hold at once', async ({
  page
}) => {
  const cells = new SqlCells(page);
  await cells.open('%%sql one\nSELECT 1');
  await expect(cells.at(0).picker).toHaveValue('one');
  await page.evaluate(() =>
    window.jupyterapp.commands.execute('docmanager:clone').then(() => undefined)
  );
  const outputs = page.getByLabel('Result in');
  await expect(outputs).toHaveCount(2);
  await outputs.first().fill('rows');
  await outputs.first().press('Enter');
  await expect(outputs.last()).toHaveValue('rows');

  const lines = page.locator('.jp-Notebook .cm-line');
  await expect(lines).toHaveText(['SELECT 1', 'SELECT 1']);

  const set = (name: string, value: boolean) =>
    page.evaluate(
      async ([setting, on]) => {
        const settings = (await window.galata.getPlugin(
          '@jupyterlab/apputils-extension:settings'
        )) as { set(id: string, key: string, value: boolean): Promise<void> };
        await settings.set('jupyterlab-underpass:plugin', setting, on);
      },
      [name, value] as const
    );
  const headers = page.getByRole('group', { name: 'SQL cell' });
  const source = ['%%sql one -o rows', 'SELECT 1'];
  await set('hideFirstLine', false);
  await expect(lines).toHaveText([...source, ...source]);
  await expect(headers).toHaveCount(2);
  await set('hideFirstLine', true);
  await expect(lines).toHaveText(['SELECT 1', 'SELECT 1']);
  await set('header', false);
  await expect(lines).toHaveText([...source, ...source]);
  await expect(headers).toHaveCount(0);
  await set('header', true);
  await expect(headers).toHaveCount(2);
  await expect(lines).toHaveText(['SELECT 1', 'SELECT 1']);
});
