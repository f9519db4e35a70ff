/**
 * The tour's output: chapters, calls, explanations, progress bars, tables. Used by `guide.ts` and the chapters. On a
 * terminal a progress bar is redrawn in place; elsewhere each of its states is a line.
 */
import type { Terminal } from './terminal.ts';

const MAX_WIDTH = 100;
const MIN_WIDTH = 60;
const INDENT = '   ';
const LABEL_WIDTH = 26;
/** Space for ` 100 %` and the simulated time after a bar. */
const AFTER_BAR_WIDTH = 18;

const STYLES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  cyan: [36, 39],
} as const;
export type Style = keyof typeof STYLES;

export interface Progress {
  /** 0 to 100. */
  readonly percent: number;
  readonly label: string;
}

export class Screen {
  readonly #terminal: Terminal;
  readonly width: number;
  #chapters = 0;
  /** The bar that is drawn, or the state of the last line written, so that no line is repeated. */
  #bar: string | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.width = Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, terminal.columns - 1));
  }

  title(name: string, subject: string): void {
    this.#line('');
    this.#line(` ${this.styled(name, 'bold', 'cyan')}  ${subject}`);
    this.#line(this.styled(` ${'─'.repeat(this.width - 1)}`, 'dim'));
  }

  /** Starts a chapter; `time` is the simulated time, shown on the right. */
  chapter(title: string, time: string): void {
    this.#chapters++;
    const head = ` ${this.#chapters}  ${title}`;
    const gap = ' '.repeat(Math.max(2, this.width - head.length - time.length));
    this.#line('');
    this.#line(`${this.styled(head, 'bold')}${gap}${this.styled(time, 'dim')}`);
  }

  /** An explanation, wrapped to the width. */
  say(text: string, ...styles: readonly Style[]): void {
    for (const line of wrapped(text, this.width - INDENT.length)) {
      this.#line(`${INDENT}${this.styled(line, ...styles)}`);
    }
  }

  /** A call and its answer's status. */
  call(method: string, path: string, status: number): void {
    const room = this.width - INDENT.length - 8 - 5;
    const shown = path.length > room ? `${path.slice(0, room - 1)}…` : path;
    const gap = ' '.repeat(Math.max(1, room - shown.length + 1));
    const verb = this.styled(method.padEnd(7), 'cyan');
    this.#line(`${INDENT}${verb} ${shown}${gap}${this.styled(String(status), styleOf(status))}`);
  }

  /** Pairs of name and value, one to a line. */
  facts(pairs: readonly (readonly [name: string, value: string])[]): void {
    const nameWidth = Math.max(...pairs.map(([name]) => name.length));
    const room = this.width - INDENT.length - nameWidth - 4;
    for (const [name, value] of pairs) {
      for (const [index, line] of wrapped(value, room).entries()) {
        const shown = index === 0 ? name : '';
        this.#line(`${INDENT}${this.styled(`  ${shown.padEnd(nameWidth)}`, 'dim')}  ${line}`);
      }
    }
  }

  /** A table; columns of amounts are aligned to the right. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): void {
    const widths = head.map((name, column) =>
      Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
    );
    const isAmount = head.map((_, column) =>
      rows.every((row) => /^[\d.]+( \S+)?$/.test(row[column] ?? '')),
    );
    const lineOf = (cells: readonly string[]): string =>
      cells
        .map((cell, column) =>
          isAmount[column] === true
            ? cell.padStart(widths[column] ?? 0)
            : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ');
    this.#line(`${INDENT}  ${this.styled(lineOf(head), 'dim')}`);
    for (const row of rows) this.#line(`${INDENT}  ${lineOf(row)}`);
  }

  /** Says that the clock will be advanced. */
  jump(text: string): void {
    this.say(`» ${text}`, 'yellow');
  }

  /** Draws the progress bar; `time` is the simulated time. */
  bar(progress: Progress, time: string): void {
    const isDone = progress.percent >= 100;
    const text = this.#barLine(progress, time, isDone);
    if (this.#terminal.isInteractive) {
      this.#bar = text;
      this.#terminal.write(`\r${text}\u001b[K`);
      if (isDone) this.closeBar();
      return;
    }
    // Without a terminal there is a line for each new label and each quarter.
    const state = `${progress.label} ${Math.floor(progress.percent / 25)}`;
    if (state !== this.#bar) this.#terminal.write(`${text}\n`);
    this.#bar = isDone ? undefined : state;
  }

  /** Ends the line of the progress bar; further output follows below it. */
  closeBar(): void {
    if (this.#bar !== undefined && this.#terminal.isInteractive) this.#terminal.write('\n');
    this.#bar = undefined;
  }

  #barLine({ percent, label }: Progress, time: string, isDone: boolean): string {
    const room = this.width - INDENT.length - LABEL_WIDTH - AFTER_BAR_WIDTH - 2;
    const whole = Math.min(100, Math.max(0, Math.floor(percent)));
    const filled = Math.round((room * whole) / 100);
    const drawn = this.#terminal.hasColour
      ? this.styled('━'.repeat(filled), isDone ? 'green' : 'blue') +
        this.styled('━'.repeat(room - filled), 'dim')
      : '#'.repeat(filled) + '-'.repeat(room - filled);
    const cut = label.length > LABEL_WIDTH ? `${label.slice(0, LABEL_WIDTH - 1)}…` : label;
    const percentText = `${whole} %`.padStart(5);
    return `${INDENT}${cut.padEnd(LABEL_WIDTH)} ${drawn} ${percentText} ${this.styled(time.padStart(11), 'dim')}`;
  }

  #line(text: string): void {
    this.closeBar();
    this.#terminal.write(`${text.trimEnd()}\n`);
  }

  /** `text` with styles, on terminals with colours. */
  styled(text: string, ...styles: readonly Style[]): string {
    if (!this.#terminal.hasColour || text === '') return text;
    return styles.reduce((inner, style) => {
      const [on, off] = STYLES[style];
      return `\u001b[${on}m${inner}\u001b[${off}m`;
    }, text);
  }
}

function styleOf(status: number): Style {
  if (status >= 400) return 'red';
  return status === 202 ? 'yellow' : 'green';
}

/** The lines of `text`, of at most `width` characters, broken at spaces. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
