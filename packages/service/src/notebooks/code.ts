/** The code cells of a notebook file. What is in the file is not trusted: it may be anything. */
export function codeCells(content: string): string[] {
  const notebook: unknown = JSON.parse(content);
  const cells = member(notebook, 'cells');
  return Array.isArray(cells)
    ? cells
        .filter(cell => member(cell, 'cell_type') === 'code')
        .map(cell => text(member(cell, 'source')))
    : [];
}

function member(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null && Object.hasOwn(of, name)
    ? (of as Record<string, unknown>)[name]
    : undefined;
}

/** Multi-line strings may be lists of lines. */
function text(source: unknown): string {
  if (Array.isArray(source)) {
    return source.filter(line => typeof line === 'string').join('');
  }
  return typeof source === 'string' ? source : '';
}
