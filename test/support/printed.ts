/** Compares what a program prints with a text in which what differs from run to run is named: `<age>`, `<hash>`, `<ip>` … */
import assert from 'node:assert/strict';

const ALPHABET = '[bcdfghjklmnpqrstvwxz2456789]';
const OPEN: Readonly<Record<string, string>> = {
  age: '(?:\\d+[smhdy])+',
  hash: `${ALPHABET}{6,10}`,
  end: `${ALPHABET}{5}`,
  node: 'k8s-[a-z0-9]+(?:-[a-z0-9]+)?',
  ip: '\\d+\\.\\d+\\.\\d+\\.\\d+',
  port: '3\\d{4}',
  id: '[0-9a-f]{64}',
  seconds: '[0-9.]+m?s',
  time: '\\w{3}, \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d [-+]\\d{4}',
  uid: '[0-9a-f]{8}-[0-9a-f-]{27}',
  number: '\\d+',
};

/** Lines without the width of their columns. */
const lines = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '));

/** Asserts that the text is the expected one, line by line; the width of columns does not matter. */
export function assertPrinted(actual: string, expected: string): void {
  const [said, wanted] = [lines(actual), lines(expected)];
  const shown = said.map((line, index) => {
    const pattern = (wanted[index] ?? '')
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replace(/<(\w+)>/g, (whole, name: string) => OPEN[name] ?? whole);
    return new RegExp(`^${pattern}$`).test(line) ? wanted[index] : line;
  });
  assert.deepEqual(shown, wanted);
}
