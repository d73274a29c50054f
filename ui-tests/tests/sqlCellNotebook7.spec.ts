import { expect, test } from '@playwright/test';

const url = (path: string) =>
  `${process.env.TARGET_URL ?? 'http://localhost:8999'}/${path}`;

test('SQL cells have their header, their button and their shortcut in Notebook 7, too', async ({
  page
}) => {
  const added = await page.request.post(url('underpass/rpc'), {
    data: {
      method: 'underpass/integrations/add',
      params: {
        type: 'postgresql',
        name: 'Shop',
        fields: { host: '127.0.0.1', port: 9, user: 'me', database: 'shop' },
        secrets: {}
      },
      path: ''
    }
  });
  const { result } = (await added.json()) as { result: { id: string } };
  const cell = (source: string) => ({
    cell_type: 'code',
    id: 'one',
    source,
    metadata: {},
    outputs: [],
    execution_count: null
  });
  await page.request.put(url('api/contents/seven.ipynb'), {
    data: {
      type: 'notebook',
      format: 'json',
      content: {
        nbformat: 4,
        nbformat_minor: 5,
        metadata: {
          kernelspec: { name: 'python3', display_name: 'Python 3' }
        },
        cells: [cell('%%sql Shop -o rows\nSELECT 1')]
      }
    }
  });
  await page.goto(url('notebooks/seven.ipynb'));
  const headers = page.getByRole('group', { name: 'SQL cell' });
  await expect(headers.getByLabel('Result in')).toHaveValue('rows', {
    timeout: 30_000
  });
  const lines = page.locator('.jp-Notebook .cm-line');
  await expect(lines).toHaveText(['SELECT 1']);
  await expect(headers.getByLabel('Integration')).toHaveValue('Shop');

  await page.locator('.jp-NotebookPanel-toolbar').getByText('+ SQL').click();
  await expect(headers).toHaveCount(2);
  await page.keyboard.insertText('SELECT 2');
  await page.keyboard.press('Alt+Shift+S');
  await expect(headers).toHaveCount(3);
  await expect(lines).toHaveText(['SELECT 1', 'SELECT 2', '']);
  await expect(headers.last().getByLabel('Integration')).toHaveValue('Shop');

  await page.request.post(url('underpass/rpc'), {
    data: {
      method: 'underpass/integrations/remove',
      params: { integration: result.id },
      path: ''
    }
  });
  await page.request.delete(url('api/contents/seven.ipynb'));
});
