import type { FirstLine } from './firstLine.js';
import { quote } from './words.js';

/** Replace what lies between two offsets of the source. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** Name the integration. */
export function setIntegration(line: FirstLine, name: string): Edit {
  if (line.integration) {
    const { start, end } = line.integration;
    return { start, end, text: quote(name) };
  }
  return { start: line.magicEnd, end: line.magicEnd, text: ` ${quote(name)}` };
}

/** Name the variable that receives the result; '' takes the option away. */
export function setOutput(line: FirstLine, name: string): Edit {
  const { output } = line;
  if (name === '') {
    if (!output) {
      return { start: line.end, end: line.end, text: '' };
    }
    // With the space before it, so that none is left over.
    const start = output.option.start - 1;
    return { start, end: (output.name ?? output.option).end, text: '' };
  }
  if (output?.name) {
    return {
      start: output.name.start,
      end: output.name.end,
      text: quote(name)
    };
  }
  const at = output?.option.end ?? line.integration?.end ?? line.magicEnd;
  const option = output ? '' : ' -o';
  return { start: at, end: at, text: `${option} ${quote(name)}` };
}

/** The source with an edit made. */
export function applyEdit(source: string, { start, end, text }: Edit): string {
  return source.slice(0, start) + text + source.slice(end);
}
